package dev.durable.internal.engine.step;

import dev.durable.internal.engine.run.Purpose;
import dev.durable.internal.text.NodePath;
import dev.durable.json.TypeRef;
import dev.durable.workflow.BranchOutcome;
import dev.durable.workflow.EachChildOptions;
import dev.durable.workflow.EachOptions;
import dev.durable.workflow.ForkOptions;
import dev.durable.workflow.ForkedBranches;
import dev.durable.workflow.ItemResults;
import dev.durable.workflow.LoopSettings;
import dev.durable.workflow.StepBody;
import dev.durable.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The forks of a body: its parallels, and its loops over lists. */
final class BodyForks {

  private final BodyScope scope;
  private final List<BodyFork> parallels = new CopyOnWriteArrayList<>();

  BodyForks(BodyScope scope) {
    this.scope = scope;
  }

  // ---- branches ----

  ForkedBranches<Object> parallel(
      PartContext context, String name, Consumer<? super ForkOptions> with) {
    ForkOptions options = ForkOptions.of(with);
    String path = scope.once(name);
    scope.requireFree(path, Purpose.PARALLEL);
    BodyFork fork = new BodyFork(context, path, options.policy());
    parallels.add(fork);
    return fork;
  }

  /**
   * @throws IllegalStateException if not all branches have been joined
   */
  void requireJoined() {
    for (BodyFork fork : parallels) {
      fork.requireJoined();
    }
  }

  // ---- items ----

  <E, R> ItemResults<R> forEach(
      PartContext context,
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
    String path = scope.once(name);
    List<ForkPart> parts = new ArrayList<>();
    for (E item : new ForkedItems(scope, path, Purpose.FOR_EACH).<E>checked(items)) {
      parts.add(new ForkPart.OfBody<R>(at(path, parts), type, each -> body.run(item, each)));
    }
    return joined(context, path, type, parts, loop);
  }

  <J, X> ItemResults<X> callEach(
      PartContext context,
      String name,
      Workflow<J, X> child,
      List<? extends J> items,
      Consumer<? super EachChildOptions> with) {
    Objects.requireNonNull(child, "child");
    Objects.requireNonNull(items, "items");
    EachChildOptions options = EachChildOptions.of(with);
    String path = scope.once(name);
    Purpose purpose = Purpose.of(Purpose.Kind.CALL_EACH, child.name());
    List<ForkPart> parts = new ArrayList<>();
    for (J item : new ForkedItems(scope, path, purpose).<J>checked(items)) {
      parts.add(new ForkPart.OfChild<>(at(path, parts), child, item, options.child()));
    }
    try {
      return joined(context, path, child.output(), parts, options.loop());
    } catch (RuntimeException thrown) {
      throw thrown;
    } catch (Exception notByChildren) {
      throw new IllegalStateException(notByChildren);
    }
  }

  private static String at(String path, List<ForkPart> parts) {
    return new NodePath(path).part(parts.size()).text();
  }

  private <R> ItemResults<R> joined(
      PartContext context, String path, TypeRef<R> type, List<ForkPart> parts, LoopSettings loop)
      throws Exception {
    ForkRoom room = new ForkRoom(loop.concurrency(), loop.bodies());
    List<BranchOutcome<R>> outcomes = new ArrayList<>(parts.size());
    for (BranchResult result : new ForkedParts(context, path, room, loop.policy(), parts).join()) {
      outcomes.add(context.outcome(parts.get(outcomes.size()).path(), result, type));
    }
    return new ItemResults<>(outcomes);
  }
}
