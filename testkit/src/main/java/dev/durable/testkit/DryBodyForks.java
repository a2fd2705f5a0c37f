package dev.durable.testkit;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.text.NodePath;
import dev.durable.json.TypeRef;
import dev.durable.retry.NonRetryableException;
import dev.durable.workflow.BranchOutcome;
import dev.durable.workflow.EachChildOptions;
import dev.durable.workflow.EachOptions;
import dev.durable.workflow.ForkOptions;
import dev.durable.workflow.ItemResults;
import dev.durable.workflow.LoopSettings;
import dev.durable.workflow.StepBody;
import dev.durable.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The forks of a body: its parallels, and its loops over lists. */
final class DryBodyForks {

  private static final TypeRef<List<String>> TEXTS = new TypeRef<>() {};

  private final DryContext context;
  private final DryCalls calls;
  private final List<DryBodyFork> parallels = new ArrayList<>();

  DryBodyForks(DryContext context) {
    this.context = context;
    this.calls = context.calls();
  }

  // ---- branches ----

  DryBodyFork parallel(String name, Consumer<? super ForkOptions> with) {
    ForkOptions options = ForkOptions.of(with);
    DryBodyFork fork = new DryBodyFork(context, calls.once(name), options.policy());
    parallels.add(fork);
    return fork;
  }

  /**
   * @throws IllegalStateException if not all branches have been joined
   */
  void requireJoined() {
    parallels.forEach(DryBodyFork::requireJoined);
  }

  // ---- items ----

  <E, R> ItemResults<R> forEach(
      String name,
      TypeRef<R> type,
      List<? extends E> items,
      StepBody<Object, ? super E, ? extends R> body,
      Consumer<? super EachOptions> with)
      throws Exception {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(items, "items");
    Objects.requireNonNull(body, "body");
    LoopSettings loop = EachOptions.of(with).loop();
    String path = calls.once(name);
    List<DryForkPart> parts = new ArrayList<>();
    for (E item : this.<E>checked(path, items)) {
      parts.add(
          new DryForkPart.OfBody<R>(at(path, parts), item, type, each -> body.run(item, each)));
    }
    return joined(path, type, parts, loop);
  }

  <J, X> ItemResults<X> callEach(
      String name,
      Workflow<J, X> child,
      List<? extends J> items,
      Consumer<? super EachChildOptions> with) {
    Objects.requireNonNull(child, "child");
    Objects.requireNonNull(items, "items");
    EachChildOptions options = EachChildOptions.of(with);
    String path = calls.once(name);
    List<DryForkPart> parts = new ArrayList<>();
    for (J item : this.<J>checked(path, items)) {
      parts.add(new DryForkPart.OfChild<>(at(path, parts), child, item, options.child()));
    }
    try {
      return joined(path, child.output(), parts, options.loop());
    } catch (RuntimeException thrown) {
      throw thrown;
    } catch (Exception notByChildren) {
      throw new IllegalStateException(notByChildren);
    }
  }

  private static String at(String path, List<DryForkPart> parts) {
    return new NodePath(path).part(parts.size()).text();
  }

  private <R> ItemResults<R> joined(
      String path, TypeRef<R> type, List<DryForkPart> parts, LoopSettings loop) throws Exception {
    DryForkJoin join = new DryForkJoin(context, path, loop.concurrency(), loop.policy(), parts);
    List<BranchOutcome<R>> outcomes = new ArrayList<>(parts.size());
    for (DryPart result : join.join()) {
      outcomes.add(context.outcome(parts.get(outcomes.size()).path(), result, type));
    }
    return new ItemResults<>(outcomes);
  }

  // ---- the list ----

  private <E> List<E> checked(String path, List<? extends E> given) {
    List<E> items = new ArrayList<>(given);
    List<String> texts = texts(path, items);
    String row = new NodePath(path).items().text();
    DryHistory history = calls.run().history();
    String known = history.result(row);
    if (known == null) {
      calls.attempt().requireDoing();
      history.completed(row, StepType.EFFECT, 1, InternalJson.write(texts));
      return items;
    }
    String difference = difference(InternalJson.read(known, TEXTS), texts);
    if (difference != null) {
      throw calls.attempt().stops(new DryStop.Parks(changed(path, difference)));
    }
    return items;
  }

  private List<String> texts(String path, List<?> items) {
    List<String> texts = new ArrayList<>(items.size());
    for (Object item : items) {
      int index = texts.size();
      if (item == null) {
        throw new NonRetryableException(
            "The list of '" + path + "' has a null at index " + index + ".");
      }
      texts.add(calls.run().payloads().encode("item " + index + " of '" + path + "'", item));
    }
    return texts;
  }

  private static @Nullable String difference(List<String> then, List<String> now) {
    if (then.size() != now.size()) {
      return "it had " + then.size() + " items, and now has " + now.size();
    }
    for (int i = 0; i < now.size(); i++) {
      if (!then.get(i).equals(now.get(i))) {
        return "its item " + i + " is another one";
      }
    }
    return null;
  }

  private ErrorInfo changed(String path, String difference) {
    return ErrorInfo.of(
        ErrorInfo.DEFINITION_CHANGED,
        "The list of '"
            + path
            + "' has changed since the body began with it: "
            + difference
            + ". Give it the same list whenever the body is entered, made of the input or of"
            + " what is remembered; then retry the execution: it does not continue by itself.",
        calls.attempt().path());
  }
}
