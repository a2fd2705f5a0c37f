package dev.durable.workflow;

/**
 * What a step's body knows about itself and its execution, and what it can do: remember effects,
 * wait, start children, and do several things at once. Valid while the body runs; its methods may
 * be called from threads that the body starts and waits for.
 *
 * @param <I> the workflow's input
 */
public interface StepContext<I>
    extends AttemptContext<I>,
        EffectOperations<I>,
        WaitOperations,
        ChildOperations,
        ForkOperations<I> {}
