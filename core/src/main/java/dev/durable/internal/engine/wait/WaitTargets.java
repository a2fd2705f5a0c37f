package dev.durable.internal.engine.wait;

import dev.durable.execution.StepType;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.engine.run.PendingWait;
import dev.durable.internal.engine.run.Purpose;
import dev.durable.internal.store.client.FormFieldsJson;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.journal.WaitChanges;
import dev.durable.question.Question;
import dev.durable.question.QuestionType;
import dev.durable.question.Reminders;
import dev.durable.wait.Event;
import dev.durable.workflow.ChildOptions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The targets of waits: time, events, answers and children. */
public final class WaitTargets {

  private WaitTargets() {}

  /** Only time. */
  public static WaitTarget time() {
    return new Time();
  }

  record Time() implements WaitTarget {
    @Override
    public StepType type() {
      return StepType.WAIT;
    }

    @Override
    public Purpose purpose() {
      return Purpose.SLEEP;
    }

    @Override
    public BegunWait begin(int seq) {
      return BegunWait.of(List.of());
    }

    @Override
    public List<String> again(PendingWait open) {
      return List.of();
    }
  }

  /**
   * Events: one of them, or all.
   *
   * @throws IllegalArgumentException if there are none, or two have the same name
   */
  public static WaitTarget events(boolean all, List<? extends Event<?>> events) {
    List<String> signals = events.stream().map(event -> "event:" + event.name()).toList();
    if (signals.isEmpty() || new HashSet<>(signals).size() < signals.size()) {
      throw new IllegalArgumentException(
          "A wait needs events, and each must have a name of its own: " + signals);
    }
    List<String> names = events.stream().<String>map(Event::name).toList();
    return new OfEvents(all, signals, Purpose.events(all, names));
  }

  record OfEvents(boolean all, List<String> signals, Purpose purpose) implements WaitTarget {
    @Override
    public StepType type() {
      return StepType.WAIT;
    }

    @Override
    public List<String> early() {
      return signals;
    }

    @Override
    public BegunWait begin(int seq) {
      return BegunWait.of(signals);
    }

    @Override
    public List<String> again(PendingWait open) {
      return signals;
    }
  }

  /** The answer of a person. */
  public record Ask(String name, String path, Question<?> question, @Nullable Duration limit)
      implements WaitTarget {
    @Override
    public StepType type() {
      return StepType.WAIT;
    }

    @Override
    public Purpose purpose() {
      return Purpose.of(Purpose.Kind.QUESTION, question.type().text());
    }

    @Override
    public BegunWait begin(int seq) {
      WaitChanges.Question asked =
          new WaitChanges.Question(
              TimeOrderedIds.next(), seq, name, path, content(), question.assignees(), limit);
      return new BegunWait(List.of("input:" + seq), WaitChanges.ask(asked), null);
    }

    @Override
    public Reminders reminders() {
      return question.reminders();
    }

    private WaitChanges.Question.Content content() {
      return new WaitChanges.Question.Content(
          question.type().text(),
          question.prompt(),
          fields(),
          question.type() == QuestionType.FORM ? question.answer().toString() : null,
          question.metadata().isEmpty() ? null : InternalJson.write(question.metadata()));
    }

    private @Nullable String fields() {
      if (question.type() == QuestionType.FORM) {
        return FormFieldsJson.write(question.fields());
      }
      return question.choices().isEmpty() ? null : InternalJson.write(question.choices());
    }

    @Override
    public List<String> again(PendingWait open) {
      return List.of("input:" + open.seq());
    }
  }

  /**
   * The end of another execution.
   *
   * @param former the child that an earlier call at this place has started, and that continues;
   *     null if there is none
   */
  public record Call(
      String path,
      String workflow,
      ChildOptions options,
      Supplier<@Nullable UUID> former,
      Supplier<StartRow> start)
      implements WaitTarget {
    @Override
    public StepType type() {
      return StepType.CHILD;
    }

    @Override
    public Purpose purpose() {
      return Purpose.of(Purpose.Kind.CALL, workflow);
    }

    @Override
    public BegunWait begin(int seq) {
      UUID same = former.get();
      if (same != null) {
        return new BegunWait(List.of("child:" + same), WaitChanges.revive(same), same);
      }
      StartRow row = start.get();
      return new BegunWait(
          List.of("child:" + row.id()), starting(row, path, options, true), row.id());
    }

    @Override
    public List<String> again(PendingWait open) {
      return List.of("child:" + Objects.requireNonNull(open.child()));
    }
  }

  /**
   * The start of a child.
   *
   * @param awaited whether its parent waits for its end
   */
  public static WaitChanges starting(
      StartRow row, String path, ChildOptions options, boolean awaited) {
    return WaitChanges.start(
        new WaitChanges.Child(
            row, path, options.priority(), options.closePolicy().text(), awaited));
  }
}
