package dev.durable.crash;

import java.util.ArrayList;
import java.util.List;

/**
 * The outcome of a plan, computed by plain recursion in memory: the oracle.
 *
 * @param result the number in the end; null if it fails
 * @param ran the steps that complete, each by its path, and in no order
 * @param certain whether all of {@code ran} must complete; false if a failure may stop others
 */
record Interpretation(Integer result, List<String> ran, boolean certain) {

  static Interpretation of(Plan.Path path, int input) {
    Oracle oracle = new Oracle();
    try {
      int result = oracle.walk(path, "", input);
      return new Interpretation(result, oracle.ran, oracle.certain);
    } catch (Failed failed) {
      return new Interpretation(null, oracle.ran, oracle.certain);
    }
  }

  /** The number that a step returns. */
  static int step(int number, String name) {
    return number * 3 + name.hashCode() % 7;
  }

  private static final class Failed extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private static final class Oracle {
    private final List<String> ran = new ArrayList<>();
    private boolean certain = true;

    int walk(Plan.Path path, String prefix, int input) throws Failed {
      int number = input;
      int next = 0;
      while (next < path.nodes().size()) {
        Plan node = path.nodes().get(next);
        next++;
        if (node instanceof Plan.Decide(String name, String target)) {
          next = !target.isEmpty() && number % 2 == 0 ? indexOf(path, target) : next;
        } else {
          number = node(node, prefix + node.name(), number);
        }
      }
      return number;
    }

    private static int indexOf(Plan.Path path, String name) {
      return path.nodes().stream().map(Plan::name).toList().indexOf(name);
    }

    private int node(Plan node, String path, int number) throws Failed {
      return switch (node) {
        case Plan.Step step -> step(step, path, number);
        case Plan.Decide decide -> number;
        case Plan.Branch branch ->
            number % 2 == 0
                ? walk(branch.even(), path + "/true/", number)
                : walk(branch.odd(), path + "/false/", number);
        case Plan.Parallel parallel -> parallel(parallel, path, number);
        case Plan.ForEach forEach -> forEach(forEach, path, number);
        case Plan.Repeat repeat -> repeat(repeat, path, number);
      };
    }

    private int step(Plan.Step step, String path, int number) throws Failed {
      if (!step.succeeds()) {
        throw new Failed();
      }
      ran.add(path);
      return Interpretation.step(number, step.name());
    }

    private int parallel(Plan.Parallel parallel, String path, int number) throws Failed {
      List<Work> parts = new ArrayList<>();
      for (int i = 0; i < parallel.branches().size(); i++) {
        Plan.Path branch = parallel.branches().get(i);
        String prefix = path + "/b" + i + "/";
        parts.add(() -> walk(branch, prefix, number));
      }
      return join(parallel.policy(), parts);
    }

    private int forEach(Plan.ForEach forEach, String path, int number) throws Failed {
      List<Work> parts = new ArrayList<>();
      for (int i = 0; i < forEach.items(); i++) {
        int item = number + i;
        String prefix = path + "[" + i + "]/";
        parts.add(() -> walk(forEach.path(), prefix, item));
      }
      return join(forEach.policy(), parts);
    }

    private interface Work {
      int run() throws Failed;
    }

    private int join(Plan.Policy policy, List<Work> parts) throws Failed {
      int sum = 0;
      Failed first = null;
      for (Work part : parts) {
        try {
          sum += part.run();
        } catch (Failed failed) {
          first = failed;
          sum++;
        }
      }
      if (first != null && policy == Plan.Policy.FAIL_FAST) {
        // Which of the others had completed by then is a matter of time.
        certain = false;
        throw first;
      }
      return sum;
    }

    private int repeat(Plan.Repeat repeat, String path, int number) throws Failed {
      int data = number;
      for (int round = 0; round < repeat.rounds(); round++) {
        data = walk(repeat.path(), path + "[" + round + "]/", data);
        if (data % 2 == 0) {
          return data;
        }
      }
      throw new Failed();
    }
  }
}
