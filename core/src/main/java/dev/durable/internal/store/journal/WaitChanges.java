package dev.durable.internal.store.journal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Changes of waits that are committed in one transaction with an entry's rows.
 *
 * @param all the changes, in their order
 */
public record WaitChanges(List<Change> all) {

  /** No changes. */
  public static final WaitChanges NONE = new WaitChanges(List.of());

  /** Copies the list. */
  public WaitChanges {
    all = List.copyOf(all);
  }

  /** One change. */
  public sealed interface Change
      permits Opened, Closed, Taken, Question, Assigned, Child, Unwanted, Revived {}

  /**
   * A wait for signals begins, or is changed.
   *
   * @param seq the place of its row in the history
   * @param path its path
   * @param all whether every signal must come, or one is enough
   * @param signals the signals that it waits for
   * @param again whether it is open already, and waits for other signals from now on
   */
  public record Opened(int seq, String path, boolean all, List<String> signals, boolean again)
      implements Change {}

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
   * A wait ends.
   *
   * @param seq the place of its row in the history
   * @param question the new status of its question, if that is still open
   */
  public record Closed(int seq, String question) implements Change {
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
   * A wait receives a signal.
   *
   * @param signal its place in the mailbox
   * @param seq the place of the wait's row in the history
   */
  public record Taken(long signal, int seq) implements Change {}

  /**
   * A person is asked.
   *
   * @param id the question's id
   * @param seq the place of the wait's row in the history
   * @param name its name within the execution
   * @param path its path
   * @param content what the person sees
   * @param assignees who is asked; empty if no one was named
   * @param limit how long it is open, or null
   */
  public record Question(
      UUID id,
      int seq,
      String name,
      String path,
      Content content,
      List<String> assignees,
      @Nullable Duration limit)
      implements Change {

    /**
     * The text and the kind of answer of a question.
     *
     * @param type approval, choice, multi_choice, text or form
     * @param prompt the question's text, or null
     * @param fields JSON: the choices or fields, or null
     * @param form the name of a form's record, or null
     * @param metadata JSON, or null
     */
    public record Content(
        String type,
        @Nullable String prompt,
        @Nullable String fields,
        @Nullable String form,
        @Nullable String metadata) {}
  }

  /**
   * A question goes to other people.
   *
   * @param seq the place of its wait's row in the history
   * @param assignees who is asked now
   */
  public record Assigned(int seq, List<String> assignees) implements Change {}

  /**
   * An execution is started by another one.
   *
   * @param row its row
   * @param step the path in its parent
   * @param priority its priority, or null for that of its parent
   * @param closePolicy cancel or abandon: what its parent's end does to it
   * @param awaited whether its parent waits for its end: then one whose key is taken ends at once,
   *     and otherwise its entry is refused
   */
  public record Child(
      StartRow row, String step, @Nullable Integer priority, String closePolicy, boolean awaited)
      implements Change {

    /** Whether its end is reported in its place if another execution has its key. */
    boolean mayBeTaken() {
      return awaited && row.key() != null;
    }
  }

  /**
   * A child is no longer waited for.
   *
   * @param child its id
   * @param always whether it ends even if it was to go on without its parent
   */
  public record Unwanted(UUID child, boolean always) implements Change {}

  /**
   * A child that has ended without a result is called again.
   *
   * @param child its id
   */
  public record Revived(UUID child) implements Change {}

  /** A wait begins. */
  public static WaitChanges open(Opened wait) {
    return new WaitChanges(List.of(wait));
  }

  /** A wait ends. */
  public static WaitChanges close(Closed wait) {
    return new WaitChanges(List.of(wait));
  }

  /** Signals are received. */
  public static WaitChanges take(List<Taken> signals) {
    return new WaitChanges(List.copyOf(signals));
  }

  /** A person is asked. */
  public static WaitChanges ask(Question question) {
    return new WaitChanges(List.of(question));
  }

  /** A question goes to other people. */
  public static WaitChanges assign(Assigned question) {
    return new WaitChanges(List.of(question));
  }

  /** An execution begins. */
  public static WaitChanges start(Child child) {
    return new WaitChanges(List.of(child));
  }

  /** A child is no longer needed; nothing happens if there is none. */
  public static WaitChanges cancel(@Nullable UUID child) {
    return child == null ? NONE : new WaitChanges(List.of(new Unwanted(child, true)));
  }

  /** A child that has ended is called again. */
  public static WaitChanges revive(UUID child) {
    return new WaitChanges(List.of(new Revived(child)));
  }

  /** The changes of one kind. */
  <T extends Change> List<T> of(Class<T> kind) {
    return all.isEmpty()
        ? List.of()
        : all.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** Whether nothing changes. */
  public boolean isEmpty() {
    return all.isEmpty();
  }

  /** Whether it changes waits that are open already. */
  boolean changesOpen() {
    return all.stream()
        .anyMatch(
            change ->
                switch (change) {
                  case Closed closed -> true;
                  case Taken taken -> true;
                  case Assigned assigned -> true;
                  case Opened opened -> opened.again();
                  case Question question -> false;
                  case Child child -> false;
                  case Unwanted unwanted -> false;
                  case Revived revived -> false;
                });
  }

  /** The places of waits that are closed or changed. */
  public List<Integer> gone() {
    return Stream.concat(
            of(Closed.class).stream().map(Closed::seq),
            of(Opened.class).stream().filter(Opened::again).map(Opened::seq))
        .toList();
  }

  /**
   * The signals that opened waits wait for; of a wait that is opened twice, the last change counts.
   */
  List<Awaited> awaited() {
    Map<Integer, Opened> last = new LinkedHashMap<>();
    of(Opened.class).forEach(wait -> last.put(wait.seq(), wait));
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

  /** All of these changes, in their order. */
  public static WaitChanges all(List<WaitChanges> parts) {
    return new WaitChanges(parts.stream().flatMap(part -> part.all.stream()).toList());
  }

  /** These changes, then more. */
  public WaitChanges and(WaitChanges more) {
    if (isEmpty() || more.isEmpty()) {
      return isEmpty() ? more : this;
    }
    return new WaitChanges(Stream.concat(all.stream(), more.all.stream()).toList());
  }

  long bytes() {
    long bytes = 0;
    for (Question question : of(Question.class)) {
      Question.Content content = question.content;
      bytes += question.assignees.stream().mapToInt(String::length).sum();
      bytes += length(content.fields) + length(content.metadata) + length(content.prompt);
    }
    for (Child child : of(Child.class)) {
      bytes += child.row.input().length();
    }
    return bytes;
  }

  private static int length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }
}
