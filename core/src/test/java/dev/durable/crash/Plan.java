package dev.durable.crash;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A definition as plain data, of which both the engine's workflow and the plain interpretation are
 * made. All of it works on one number.
 */
sealed interface Plan {

  /** The node's name. */
  String name();

  /** Nodes that follow one another. */
  record Path(List<Plan> nodes) {
    /** A decision whose target is gone goes on. */
    public Path {
      Set<String> names = nodes.stream().map(Plan::name).collect(Collectors.toSet());
      nodes =
          nodes.stream()
              .map(
                  node ->
                      node instanceof Decide(String name, String target) && !names.contains(target)
                          ? new Decide(name, "")
                          : node)
              .toList();
    }

    private Stream<Plan> all() {
      return nodes.stream()
          .flatMap(node -> Stream.concat(Stream.of(node), parts(node).flatMap(part -> part.all())));
    }

    /** The names of the steps that can be undone; names are unique in the whole plan. */
    Set<String> undoable() {
      return all()
          .filter(node -> node instanceof Step step && step.undone())
          .map(Plan::name)
          .collect(Collectors.toSet());
    }

    /** Whether some of what completes is forgotten. */
    boolean hasRepeat() {
      return all().anyMatch(Repeat.class::isInstance);
    }
  }

  /**
   * A step: adds to the number.
   *
   * @param failures how many attempts fail before one succeeds
   * @param attempts how many attempts it has
   * @param undone whether it can be undone
   */
  record Step(String name, int failures, int attempts, boolean undone) implements Plan {
    boolean succeeds() {
      return failures < attempts;
    }
  }

  /** Jumps to a later node if the number is even; empty target: always goes on. */
  record Decide(String name, String target) implements Plan {}

  /** One path for even numbers, one for odd ones. */
  record Branch(String name, Path even, Path odd) implements Plan {}

  /** How parallel work is joined. */
  enum Policy {
    FAIL_FAST,
    COMPLETE_ALL
  }

  /** Paths at once. */
  record Parallel(String name, Policy policy, List<Path> branches) implements Plan {
    /** Copies the list. */
    public Parallel {
      branches = List.copyOf(branches);
    }
  }

  /** A path for each of some items. */
  record ForEach(String name, Policy policy, int items, int concurrency, Path path)
      implements Plan {}

  /** A path until the number is even, at most so many times. */
  record Repeat(String name, int rounds, Path path) implements Plan {}

  /** Smaller plans than this path, for finding the smallest that goes wrong. */
  static Stream<Path> smaller(Path path) {
    Stream<Path> without =
        path.nodes().stream()
            .filter(node -> path.nodes().size() > 1)
            .map(node -> without(path, node));
    Stream<Path> replaced =
        path.nodes().stream()
            .flatMap(node -> parts(node).map(part -> replace(path, node, part.nodes())));
    Stream<Path> shrunk =
        path.nodes().stream()
            .flatMap(node -> smaller(node).map(less -> replace(path, node, List.of(less))));
    return Stream.of(without, replaced, shrunk).flatMap(each -> each);
  }

  private static Path without(Path path, Plan node) {
    return new Path(path.nodes().stream().filter(each -> !each.equals(node)).toList());
  }

  private static Path replace(Path path, Plan node, List<Plan> by) {
    return new Path(
        path.nodes().stream()
            .flatMap(each -> each.equals(node) ? by.stream() : Stream.of(each))
            .toList());
  }

  private static Stream<Path> parts(Plan node) {
    return switch (node) {
      case Step step -> Stream.empty();
      case Decide decide -> Stream.empty();
      case Branch branch -> Stream.of(branch.even(), branch.odd());
      case Parallel parallel -> parallel.branches().stream();
      case ForEach forEach -> Stream.of(forEach.path());
      case Repeat repeat -> Stream.of(repeat.path());
    };
  }

  private static Stream<Plan> smaller(Plan node) {
    return switch (node) {
      case Step step ->
          step.failures() > 0 ? Stream.of(new Step(step.name(), 0, 1, step.undone())) : Stream.of();
      case Decide decide ->
          decide.target().isEmpty() ? Stream.of() : Stream.of(new Decide(decide.name(), ""));
      case Branch b ->
          Stream.concat(
              smaller(b.even()).map(even -> new Branch(b.name(), even, b.odd())),
              smaller(b.odd()).map(odd -> new Branch(b.name(), b.even(), odd)));
      case Parallel p ->
          p.branches().stream()
              .flatMap(
                  branch ->
                      smaller(branch)
                          .map(
                              less ->
                                  new Parallel(
                                      p.name(),
                                      p.policy(),
                                      p.branches().stream()
                                          .map(each -> each.equals(branch) ? less : each)
                                          .toList())));
      case ForEach f ->
          Stream.concat(
              f.items() > 1
                  ? Stream.of(new ForEach(f.name(), f.policy(), 1, f.concurrency(), f.path()))
                  : Stream.empty(),
              smaller(f.path())
                  .map(
                      less -> new ForEach(f.name(), f.policy(), f.items(), f.concurrency(), less)));
      case Repeat r ->
          Stream.concat(
              r.rounds() > 1 ? Stream.of(new Repeat(r.name(), 1, r.path())) : Stream.empty(),
              smaller(r.path()).map(less -> new Repeat(r.name(), r.rounds(), less)));
    };
  }
}
