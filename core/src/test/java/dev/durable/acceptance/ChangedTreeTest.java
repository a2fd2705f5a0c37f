package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.untilStatus;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Cases;
import dev.durable.workflow.StepOptions;
import dev.durable.workflow.Workflow;
import dev.durable.workflow.WorkflowBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An execution stops somewhere in a tree and goes on with an edited one: it either does what is
 * still to be done, and nothing twice, or is parked with the difference.
 */
@Tag("newest")
@ExtendWith(DatabaseExtension.class)
@Proves({"B-02", "B-12", "R-106"})
@DisplayName("Edits of a tree")
class ChangedTreeTest {

  private final TestDatabase db;
  private final List<String> ran = new CopyOnWriteArrayList<>();
  private volatile String stopAt = "";

  ChangedTreeTest(TestDatabase db) {
    this.db = db;
  }

  /** The edits of the tree. */
  enum Edit {
    NONE,
    STEP_ADDED_FIRST,
    STEP_ADDED_LAST,
    STEP_OF_CASE_RENAMED,
    STEP_OF_CASE_REMOVED,
    STEPS_OF_CASE_SWAPPED,
    CHOSEN_CASE_REMOVED,
    OTHER_CASE_CHANGED,
    STEP_MOVED_INTO_BRANCH,
    BRANCH_OF_PARALLEL_ADDED,
    BRANCH_OF_PARALLEL_REMOVED,
    PARALLEL_BECAME_STEP,
    STEP_ADDED_TO_ITEMS,
    FOR_EACH_BECAME_REPEAT
  }

  private int body(String name, int number) {
    if (name.equals(stopAt)) {
      throw new IllegalStateException("not yet");
    }
    ran.add(name);
    return number;
  }

  private void later(StepOptions<Integer, Integer> with) {
    with.retry(RetryPolicy.constant(ofHours(1)));
  }

  private WorkflowBuilder<Integer, Integer> step(
      WorkflowBuilder<Integer, Integer> path, String name) {
    return path.step(name, n -> body(name, n), this::later);
  }

  private Workflow<Integer, Integer> tree(Edit edit) {
    WorkflowBuilder<Integer, Integer> path = Workflow.define("tree", Integer.class);
    if (edit == Edit.STEP_ADDED_FIRST) {
      path = step(path, "new");
    }
    if (edit != Edit.STEP_MOVED_INTO_BRANCH) {
      path = step(path, "a");
    }
    path = path.branch("by", n -> n > 0, cases -> cases(cases, edit));
    path = edit == Edit.PARALLEL_BECAME_STEP ? step(path, "par") : parallel(path, edit);
    path = edit == Edit.FOR_EACH_BECAME_REPEAT ? repeat(path) : forEach(path, edit);
    path = step(path, "z");
    return (edit == Edit.STEP_ADDED_LAST ? step(path, "new") : path).build();
  }

  private Cases<Integer, Integer, Boolean, Integer> cases(
      Cases<Integer, Integer, Boolean, Integer> cases, Edit edit) {
    String other = edit == Edit.OTHER_CASE_CHANGED ? "changed" : "o";
    if (edit == Edit.CHOSEN_CASE_REMOVED) {
      return cases.otherwise(p -> step(p, other));
    }
    List<String> names =
        switch (edit) {
          case STEP_OF_CASE_RENAMED -> List.of("renamed", "b2");
          case STEP_OF_CASE_REMOVED -> List.of("b2");
          case STEPS_OF_CASE_SWAPPED -> List.of("b2", "b1");
          case STEP_MOVED_INTO_BRANCH -> List.of("a", "b1", "b2");
          default -> List.of("b1", "b2");
        };
    return cases
        .when(
            true,
            p -> {
              WorkflowBuilder<Integer, Integer> longer = p;
              for (String name : names) {
                longer = step(longer, name);
              }
              return longer;
            })
        .otherwise(p -> step(p, other));
  }

  private WorkflowBuilder<Integer, Integer> parallel(
      WorkflowBuilder<Integer, Integer> path, Edit edit) {
    List<String> names = new ArrayList<>(List.of("x", "y"));
    if (edit == Edit.BRANCH_OF_PARALLEL_ADDED) {
      names.add("w");
    }
    if (edit == Edit.BRANCH_OF_PARALLEL_REMOVED) {
      names.remove("x");
    }
    return path.parallel(
        "par",
        par -> {
          for (String name : names) {
            par.step(name, Integer.class, (n, step) -> body(name, n), this::later);
          }
          return par.join((n, results) -> n);
        });
  }

  private WorkflowBuilder<Integer, Integer> forEach(
      WorkflowBuilder<Integer, Integer> path, Edit edit) {
    return path.forEach(
        "each",
        Integer.class,
        n -> List.of(1, 2),
        p -> {
          WorkflowBuilder<Integer, Integer> item =
              p.step("item", n -> body("item" + n, n), this::later);
          return edit == Edit.STEP_ADDED_TO_ITEMS
              ? item.step("extra", n -> body("extra" + n, n))
              : item;
        },
        with -> with.concurrency(1));
  }

  private WorkflowBuilder<Integer, Integer> repeat(WorkflowBuilder<Integer, Integer> path) {
    return path.repeatUntil("each", n -> true, p -> step(p, "item"));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        // where it stopped, the edit, what still runs (or 'parked'), what the message names
        "b2, NONE, b2 x y item1 item2 z,",
        "a,  STEP_ADDED_FIRST, new a b1 b2 x y item1 item2 z,",
        "b1, STEP_ADDED_FIRST, parked, 'new'",
        "z,  STEP_ADDED_LAST, z new,",
        "b1, STEP_OF_CASE_RENAMED, renamed b2 x y item1 item2 z,",
        "b2, STEP_OF_CASE_RENAMED, parked, 'by/true/b1'",
        "b1, STEP_OF_CASE_REMOVED, b2 x y item1 item2 z,",
        "z,  STEP_OF_CASE_REMOVED, parked, 'by/true/b1'",
        "b1, STEPS_OF_CASE_SWAPPED, b2 b1 x y item1 item2 z,",
        "b2, STEPS_OF_CASE_SWAPPED, parked, 'by/true/b2'",
        "z,  STEPS_OF_CASE_SWAPPED, parked, 'by/true/b1'",
        "b1, CHOSEN_CASE_REMOVED, parked, 'true'",
        "a,  CHOSEN_CASE_REMOVED, a o x y item1 item2 z,",
        "b2, OTHER_CASE_CHANGED, b2 x y item1 item2 z,",
        "b1, STEP_MOVED_INTO_BRANCH, parked, 'a'",
        "y,  BRANCH_OF_PARALLEL_ADDED, w y item1 item2 z,",
        "z,  BRANCH_OF_PARALLEL_ADDED, parked, 'par/w' is new in 'par'",
        "z,  BRANCH_OF_PARALLEL_REMOVED, parked, 'par/x'",
        "y,  BRANCH_OF_PARALLEL_REMOVED, parked, 'par/x'",
        "a,  BRANCH_OF_PARALLEL_REMOVED, a b1 b2 y item1 item2 z,",
        "y,  PARALLEL_BECAME_STEP, parked, 'par/x'",
        "z,  PARALLEL_BECAME_STEP, parked, 'par",
        "item2, STEP_ADDED_TO_ITEMS, extra1 item2 extra2 z,",
        "z,  STEP_ADDED_TO_ITEMS, parked, 'each[0]/extra' is new in 'each'",
        "item2, FOR_EACH_BECAME_REPEAT, parked, 'each",
        "a,  FOR_EACH_BECAME_REPEAT, a b1 b2 x y item z,"
      })
  void goesOnOrIsParked(String where, Edit edit, String expected, String named) {
    // What other edits have left parked would go on as soon as a tree fits it.
    db.deleteExecutions();
    UUID id = stopped(where);
    try (Durable durable = db.start(tree(edit))) {
      if (expected.equals("parked")) {
        untilStatus(durable, id, ExecutionStatus.PARKED);
        Execution parked = durable.find(id).orElseThrow();
        assertThat(parked.error().type()).isEqualTo(ErrorInfo.DEFINITION_CHANGED);
        assertThat(parked.error().message()).contains(named);
        assertThat(ran).isEmpty();
      } else {
        durable.handle(id).result(ofSeconds(20));
        assertThat(ran).containsExactlyInAnyOrder(expected.split(" "));
      }
    }
  }

  private UUID stopped(String where) {
    stopAt = where;
    UUID id;
    try (Durable durable = db.start(tree(Edit.NONE))) {
      ExecutionHandle<String> handle = durable.start("tree", "1");
      untilStatus(handle, ExecutionStatus.WAITING);
      id = handle.id();
    }
    stopAt = "";
    ran.clear();
    db.makeDue(id);
    return id;
  }
}
