package dev.durable.workflow;

import dev.durable.internal.text.NodePath;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Everything that can be checked about a definition before it runs. */
final class DefinitionRules {

  private final WorkflowHeader<?> header;
  private final Node.Sequence root;
  private final List<String> problems = new ArrayList<>();
  private final Deque<JumpRule.Place> frames = new ArrayDeque<>();

  DefinitionRules(WorkflowHeader<?> header, Node.Sequence root) {
    this.header = header;
    this.root = root;
  }

  /** Every problem, each a sentence. */
  List<String> problems() {
    checkName("The workflow's name", header.name());
    checkName("The queue's name", header.settings().queue());
    if (root.children().isEmpty()) {
      problems.add("It has no steps: add one with .step(...).");
    }
    path(root, "", null);
    return problems;
  }

  private void path(Node.Sequence path, String prefix, @Nullable String fence) {
    names(path.children(), prefix);
    Node last = path.children().isEmpty() ? null : path.children().getLast();
    if (!(last == null ? path.input() : last.output()).equals(path.output())) {
      problems.add(
          "The path '"
              + path.name()
              + "' should return "
              + path.output()
              + ", but returns "
              + (last == null ? path.input() : last.output())
              + ".");
    }
    for (int i = 0; i < path.children().size(); i++) {
      frames.push(new JumpRule.Place(path, i, fence));
      Node child = path.children().get(i);
      node(child, prefix + child.name());
      frames.pop();
    }
  }

  private void names(List<Node> siblings, String prefix) {
    Set<String> seen = new HashSet<>();
    for (Node node : siblings) {
      String path = prefix + node.name();
      checkName("The step name '" + path + "'", node.name());
      if (!NodePath.isNodeName(node.name())) {
        problems.add("The step name '" + path + "' has a '/', '[', ']', '~' or control character.");
      }
      if (!seen.add(node.name())) {
        problems.add("Two steps are called '" + path + "': rename one.");
      }
    }
  }

  private void node(Node node, String path) {
    switch (node) {
      case Node.Step step -> step(step, path);
      case Node.Transaction step -> settings(step, path);
      case Node.Decide decide -> decide(decide, path);
      case Node.Branch branch -> branch(branch, path);
      case Node.Parallel parallel -> parallel(parallel, path);
      case Node.ForEach forEach -> {
        settings(forEach, path);
        path(forEach.path(), path + "/", "forEach '" + path + "'");
      }
      case Node.Repeat repeat -> repeat(repeat, path);
      case Node.Sequence sequence -> path(sequence, path + "/", null);
    }
  }

  private void step(Node.Step step, String path) {
    String question = new NodePath(path).call(step.name()).text();
    String problem = NodePath.questionProblem(question, step.name());
    if (step.purpose() == Node.Purpose.INPUT && !problem.isEmpty()) {
      problems.add("The question '" + path + "' " + problem + ".");
    }
    settings(step, path);
  }

  private void settings(Node node, String path) {
    StepSettings settings = node.settings();
    if (settings.atMostOnce() && settings.retry().maxAttempts() > 1) {
      problems.add("Step '" + path + "' is atMostOnce and has retries: choose one of the two.");
    }
    if (settings.atMostOnce() && header.settings().retryWorkflow().maxAttempts() > 1) {
      problems.add(
          "Step '"
              + path
              + "' is atMostOnce, and the workflow is tried again as a whole (retryWorkflow): choose"
              + " one of the two.");
    }
    if (settings.onFailure() != null && settings.retry().isParking()) {
      problems.add(
          "Step '"
              + path
              + "' has onFailure and a policy that parks: choose one of the two. If the policy is"
              + " the workflow's, give the step one of its own.");
    }
    settings.compensation().ifPresent(undo -> compensation(undo, path));
  }

  private void compensation(Compensation<?> undo, String path) {
    checkName("The name of the compensation of '" + path + "'", undo.name());
    if (!NodePath.isNodeName(undo.name())) {
      problems.add(
          "The compensation '"
              + undo.name()
              + "' of '"
              + path
              + "' has a '/', '[', ']', '~' or control character in its name.");
    }
  }

  private void decide(Node.Decide decide, String path) {
    for (String target : decide.targets()) {
      String problem = new JumpRule(List.copyOf(frames), decide.input()).problem(target);
      if (problem != null) {
        problems.add("Decision '" + path + "' cannot go to '" + target + "': " + problem);
      }
    }
  }

  private void branch(Node.Branch branch, String path) {
    names(branch.children(), path + "/");
    if (branch.children().isEmpty()) {
      problems.add("Branch '" + path + "' has no cases: add one with .when(...).");
    }
    String missing = branch.otherwise() == null ? Coverage.missing(branch) : null;
    if (missing != null) {
      problems.add("Branch '" + path + "' " + missing + ": add the case, or .otherwise(...).");
    }
    branch
        .children()
        .forEach(child -> path((Node.Sequence) child, path + "/" + child.name() + "/", null));
  }

  private void parallel(Node.Parallel parallel, String path) {
    settings(parallel, path);
    names(parallel.children(), path + "/");
    if (parallel.children().isEmpty()) {
      problems.add(
          "Parallel '" + path + "' has no branches: add one with .step(...) or .path(...).");
    }
    if (parallel.policy() instanceof JoinPolicy.Quorum(int needed)
        && needed > parallel.children().size()) {
      problems.add(
          "Parallel '"
              + path
              + "' wants "
              + needed
              + " branches to complete, but has "
              + parallel.children().size()
              + ".");
    }
    String fence = "parallel '" + path + "'";
    for (Node child : parallel.children()) {
      if (child instanceof Node.Sequence sequence) {
        path(sequence, path + "/" + child.name() + "/", fence);
      } else {
        node(child, path + "/" + child.name());
      }
    }
  }

  private void repeat(Node.Repeat repeat, String path) {
    if (repeat.path().children().isEmpty()) {
      problems.add("Repeat '" + path + "' has no steps: add one with .step(...).");
    }
    path(repeat.path(), path + "/", null);
  }

  private void checkName(String what, String name) {
    String problem = NodePath.problem(name, NodePath.LONGEST_NAME);
    if (!problem.isEmpty()) {
      problems.add(what + " " + problem + ".");
    }
  }
}
