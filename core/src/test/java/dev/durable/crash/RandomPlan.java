package dev.durable.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes plans of all kinds of nodes, nested up to four deep. */
final class RandomPlan {

  private static final int DEEPEST = 4;

  private final Random random;
  private int names;

  RandomPlan(long seed) {
    this.random = new Random(seed);
  }

  Plan.Path path() {
    return path(1);
  }

  private Plan.Path path(int depth) {
    int size = 1 + random.nextInt(depth == 1 ? 4 : 3);
    List<Plan> nodes = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      nodes.add(node(depth));
    }
    // A decision may jump to any later node of its path.
    for (int i = 0; i < size - 1; i++) {
      if (nodes.get(i) instanceof Plan.Decide(String name, String target)) {
        int to = i + 1 + random.nextInt(size - 1 - i);
        nodes.set(i, new Plan.Decide(name, nodes.get(to).name()));
      }
    }
    return new Plan.Path(nodes);
  }

  private Plan node(int depth) {
    String name = "n" + names++;
    int kind = depth == DEEPEST ? random.nextInt(6) : random.nextInt(11);
    return switch (kind) {
      case 0, 1, 2, 3, 4 -> step(name);
      case 5, 6 -> new Plan.Decide(name, "");
      case 7 -> new Plan.Branch(name, path(depth + 1), path(depth + 1));
      case 8 -> new Plan.Parallel(name, policy(), branches(depth + 1));
      case 9 ->
          new Plan.ForEach(
              name, policy(), random.nextInt(4), 1 + random.nextInt(3), path(depth + 1));
      default -> new Plan.Repeat(name, 1 + random.nextInt(3), path(depth + 1));
    };
  }

  private Plan step(String name) {
    int failures = random.nextInt(5) == 0 ? 1 + random.nextInt(2) : 0;
    int attempts = failures > 0 && random.nextInt(3) == 0 ? 1 : 3;
    return new Plan.Step(name, failures, attempts, random.nextInt(3) == 0);
  }

  private Plan.Policy policy() {
    return random.nextBoolean() ? Plan.Policy.FAIL_FAST : Plan.Policy.COMPLETE_ALL;
  }

  private List<Plan.Path> branches(int depth) {
    List<Plan.Path> branches = new ArrayList<>();
    int size = 1 + random.nextInt(3);
    for (int i = 0; i < size; i++) {
      branches.add(path(depth));
    }
    return branches;
  }
}
