package dev.durable.internal.engine;

import dev.durable.execution.StepType;
import dev.durable.input.InputRequest;
import dev.durable.input.InputType;
import dev.durable.input.Reminders;
import dev.durable.internal.store.FormFieldsJson;
import dev.durable.internal.store.InternalJson;
import dev.durable.internal.store.StartRow;
import dev.durable.internal.store.TimeOrderedIds;
import dev.durable.internal.store.WaitChanges;
import dev.durable.wait.Event;
import dev.durable.workflow.ChildOptions;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What bodies wait for. */
final class WaitTargets {

  private WaitTargets() {}

  /** What a wait is for. */
  sealed interface Aim {
    /** What its row stands for. */
    StepType type();

    /** What the body uses its name for. */
    Purpose purpose();

    /** Whether every signal must come, or one is enough. */
    default boolean all() {
      return false;
    }

    /** The signals that it may receive before it has begun. */
    default List<String> early() {
      return List.of();
    }

    /** Begins it at this place of the history. */
    Begun begin(int seq);

    /** What happens while nothing comes. */
    default Reminders reminders() {
      return Reminders.NONE;
    }

    /** The signals of a wait that began earlier. */
    List<String> again(OpenWaits.Open open);
  }

  /**
   * A wait that has begun.
   *
   * @param signals what it waits for
   * @param changes what its beginning changes, besides the wait itself
   * @param child the execution that it waits for, or null
   */
  record Begun(List<String> signals, WaitChanges changes, @Nullable UUID child) {
    static Begun of(List<String> signals) {
      return new Begun(signals, WaitChanges.NONE, null);
    }
  }

  /** Nothing but the time. */
  static Aim time() {
    return new Time();
  }

  private record Time() implements Aim {
    @Override
    public StepType type() {
      return StepType.WAIT;
    }

    @Override
    public Purpose purpose() {
      return Purpose.SLEEP;
    }

    @Override
    public Begun begin(int seq) {
      return Begun.of(List.of());
    }

    @Override
    public List<String> again(OpenWaits.Open open) {
      return List.of();
    }
  }

  /**
   * Events: one of them, or all.
   *
   * @throws IllegalArgumentException if there are none, or two have the same name
   */
  static Aim events(boolean all, List<? extends Event<?>> events) {
    List<String> signals = events.stream().map(event -> "event:" + event.name()).toList();
    if (signals.isEmpty() || new HashSet<>(signals).size() < signals.size()) {
      throw new IllegalArgumentException(
          "A wait needs events, and each must have a name of its own: " + signals);
    }
    List<String> names = events.stream().<String>map(Event::name).toList();
    return new OfEvents(all, signals, Purpose.events(all, names));
  }

  private record OfEvents(boolean all, List<String> signals, Purpose purpose) implements Aim {
    @Override
    public StepType type() {
      return StepType.WAIT;
    }

    @Override
    public List<String> early() {
      return signals;
    }

    @Override
    public Begun begin(int seq) {
      return Begun.of(signals);
    }

    @Override
    public List<String> again(OpenWaits.Open open) {
      return signals;
    }
  }

  /** A person's answer. */
  record Ask(String name, String path, InputRequest<?> question, @Nullable String onTimeout)
      implements Aim {
    @Override
    public StepType type() {
      return StepType.WAIT;
    }

    @Override
    public Purpose purpose() {
      return Purpose.of(Purpose.Kind.QUESTION, question.type().text());
    }

    @Override
    public Begun begin(int seq) {
      WaitChanges.Question asked =
          new WaitChanges.Question(
              TimeOrderedIds.next(),
              seq,
              name,
              path,
              content(),
              question.assignee(),
              new WaitChanges.Question.Limit(question.timeout(), onTimeout));
      return new Begun(List.of("input:" + seq), WaitChanges.ask(asked), null);
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
          question.type() == InputType.FORM ? question.answer().toString() : null,
          question.metadata().isEmpty() ? null : InternalJson.write(question.metadata()));
    }

    private @Nullable String fields() {
      if (question.type() == InputType.FORM) {
        return FormFieldsJson.write(question.fields());
      }
      return question.choices().isEmpty() ? null : InternalJson.write(question.choices());
    }

    @Override
    public List<String> again(OpenWaits.Open open) {
      return List.of("input:" + open.seq());
    }
  }

  /**
   * The end of another execution.
   *
   * @param former the child that an earlier call of this place has started, and that goes on; null
   *     if there is none
   */
  record Call(
      String path,
      String workflow,
      ChildOptions options,
      Supplier<@Nullable UUID> former,
      Supplier<StartRow> start)
      implements Aim {
    @Override
    public StepType type() {
      return StepType.CHILD;
    }

    @Override
    public Purpose purpose() {
      return Purpose.of(Purpose.Kind.CALL, workflow);
    }

    @Override
    public Begun begin(int seq) {
      UUID same = former.get();
      if (same != null) {
        return new Begun(List.of("child:" + same), WaitChanges.revive(same), same);
      }
      StartRow row = start.get();
      return new Begun(List.of("child:" + row.id()), starting(row, path, options), row.id());
    }

    @Override
    public List<String> again(OpenWaits.Open open) {
      return List.of("child:" + Objects.requireNonNull(open.child()));
    }
  }

  static WaitChanges starting(StartRow row, String path, ChildOptions options) {
    return WaitChanges.start(
        new WaitChanges.Child(row, path, options.priority(), options.closePolicy().text()));
  }
}
