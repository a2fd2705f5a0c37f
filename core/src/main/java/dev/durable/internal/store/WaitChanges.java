package dev.durable.internal.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an entry changes about waiting: it is committed in one transaction with the entry's rows.
 *
 * @param opened waits that begin
 * @param closed waits that end
 * @param taken what is taken out of the mailbox
 * @param questions what is asked of people
 * @param assigned questions that go to somebody else
 * @param children executions that begin
 * @param unwanted children that are no longer waited for
 * @param revived children that have ended without a result, and are called again
 */
public record WaitChanges(
    List<Opened> opened,
    List<Closed> closed,
    List<Taken> taken,
    List<Question> questions,
    List<Assigned> assigned,
    List<Child> children,
    List<Unwanted> unwanted,
    List<UUID> revived) {

  /** Nothing. */
  public static final WaitChanges NONE =
      new WaitChanges(List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

  /** Copies the lists. */
  public WaitChanges {
    opened = List.copyOf(opened);
    closed = List.copyOf(closed);
    taken = List.copyOf(taken);
    questions = List.copyOf(questions);
    assigned = List.copyOf(assigned);
    children = List.copyOf(children);
    unwanted = List.copyOf(unwanted);
    revived = List.copyOf(revived);
  }

  /** What revives no child. */
  public WaitChanges(
      List<Opened> opened,
      List<Closed> closed,
      List<Taken> taken,
      List<Question> questions,
      List<Assigned> assigned,
      List<Child> children,
      List<Unwanted> unwanted) {
    this(opened, closed, taken, questions, assigned, children, unwanted, List.of());
  }

  /**
   * A wait for signals.
   *
   * @param seq the place of its row in the history
   * @param path where it stands
   * @param all whether every signal must come, or one is enough
   * @param signals what it waits for
   * @param again whether it is open already, and waits for something else from now on
   */
  public record Opened(int seq, String path, boolean all, List<String> signals, boolean again) {}

  /**
   * One of the signals that a wait waits for.
   *
   * @param by the wait
   * @param kind its kind, as in the mailbox
   * @param name its name
   * @param place its place among the wait's signals
   */
  record Awaited(Opened by, String kind, String name, int place) {}

  /**
   * A wait that is over.
   *
   * @param seq the place of its row in the history
   * @param question what becomes of its question, if that is still open
   */
  public record Closed(int seq, String question) {
    /** It was cancelled, or decided otherwise. */
    public static Closed cancelled(int seq) {
      return new Closed(seq, "cancelled");
    }

    /** Its time ran out. */
    public static Closed timedOut(int seq) {
      return new Closed(seq, "timeout");
    }
  }

  /**
   * A signal that a wait has received.
   *
   * @param signal its place in the mailbox
   * @param seq the place of the wait's row in the history
   */
  public record Taken(long signal, int seq) {}

  /**
   * A question to a person.
   *
   * @param id its id
   * @param seq the place of the wait's row in the history
   * @param name its name within the execution
   * @param path where it stands
   * @param type approval, choice, multi_choice, text or form
   * @param prompt what is asked, or null
   * @param fields JSON: the choices or fields, or null
   * @param form the name of a form's record, or null
   * @param metadata JSON, or null
   * @param assignee who is asked, or null
   * @param timeout how long it is open, or null
   * @param timeoutValue JSON of the answer that a timeout stands for, or null
   */
  public record Question(
      UUID id,
      int seq,
      String name,
      String path,
      String type,
      @Nullable String prompt,
      @Nullable String fields,
      @Nullable String form,
      @Nullable String metadata,
      @Nullable String assignee,
      @Nullable Duration timeout,
      @Nullable String timeoutValue) {}

  /**
   * A question goes to somebody else.
   *
   * @param seq the place of its wait's row in the history
   * @param assignee to whom
   */
  public record Assigned(int seq, String assignee) {}

  /**
   * An execution that another one starts.
   *
   * @param row its row
   * @param step the path in its parent
   * @param priority its priority, or null for that of its parent
   * @param closePolicy what becomes of it when its parent ends: cancel or abandon
   */
  public record Child(StartRow row, String step, @Nullable Integer priority, String closePolicy) {}

  /**
   * A child that is no longer waited for.
   *
   * @param child its id
   * @param always whether it ends even if it was to go on without its parent
   */
  public record Unwanted(UUID child, boolean always) {}

  /** A wait begins. */
  public static WaitChanges open(Opened wait) {
    return new WaitChanges(
        List.of(wait), List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
  }

  /** A wait ends. */
  public static WaitChanges close(Closed wait) {
    return new WaitChanges(
        List.of(), List.of(wait), List.of(), List.of(), List.of(), List.of(), List.of());
  }

  /** Something is received. */
  public static WaitChanges take(List<Taken> signals) {
    return new WaitChanges(
        List.of(), List.of(), signals, List.of(), List.of(), List.of(), List.of());
  }

  /** A person is asked. */
  public static WaitChanges ask(Question question) {
    return new WaitChanges(
        List.of(), List.of(), List.of(), List.of(question), List.of(), List.of(), List.of());
  }

  /** A question goes to somebody else. */
  public static WaitChanges assign(Assigned question) {
    return new WaitChanges(
        List.of(), List.of(), List.of(), List.of(), List.of(question), List.of(), List.of());
  }

  /** An execution begins. */
  public static WaitChanges start(Child child) {
    return new WaitChanges(
        List.of(), List.of(), List.of(), List.of(), List.of(), List.of(child), List.of());
  }

  /** A child is no longer wanted; nothing happens if there is none. */
  public static WaitChanges cancel(@Nullable UUID child) {
    return child == null
        ? NONE
        : new WaitChanges(
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(new Unwanted(child, true)));
  }

  /** A child that has ended is called again. */
  public static WaitChanges revive(UUID child) {
    return new WaitChanges(
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(child));
  }

  /** Whether there is nothing. */
  public boolean isEmpty() {
    return equals(NONE);
  }

  /** Whether it changes something about waits that are open already. */
  boolean changesOpen() {
    return !closed.isEmpty()
        || !taken.isEmpty()
        || !assigned.isEmpty()
        || opened.stream().anyMatch(Opened::again);
  }

  /** The places of waits that are no longer open as they were. */
  List<Integer> gone() {
    return Stream.concat(
            closed.stream().map(Closed::seq),
            opened.stream().filter(Opened::again).map(Opened::seq))
        .toList();
  }

  /** What the waits that begin wait for; of one that changes again, the last word counts. */
  List<Awaited> awaited() {
    Map<Integer, Opened> last = new LinkedHashMap<>();
    opened.forEach(wait -> last.put(wait.seq(), wait));
    List<Awaited> awaited = new ArrayList<>();
    for (Opened wait : last.values()) {
      int place = 0;
      for (String signal : wait.signals()) {
        int colon = signal.indexOf(':');
        String kind = signal.substring(0, colon);
        awaited.add(new Awaited(wait, kind, signal.substring(colon + 1), place++));
      }
    }
    return awaited;
  }

  /** These and those. */
  public WaitChanges and(WaitChanges more) {
    if (isEmpty() || more.isEmpty()) {
      return isEmpty() ? more : this;
    }
    return new WaitChanges(
        joined(opened, more.opened),
        joined(closed, more.closed),
        joined(taken, more.taken),
        joined(questions, more.questions),
        joined(assigned, more.assigned),
        joined(children, more.children),
        joined(unwanted, more.unwanted),
        joined(revived, more.revived));
  }

  private static <T> List<T> joined(List<T> one, List<T> other) {
    return Stream.concat(one.stream(), other.stream()).toList();
  }

  long bytes() {
    long bytes = 0;
    for (Question question : questions) {
      bytes += length(question.fields) + length(question.metadata) + length(question.prompt);
    }
    for (Child child : children) {
      bytes += child.row.input().length();
    }
    return bytes;
  }

  private static int length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }
}
