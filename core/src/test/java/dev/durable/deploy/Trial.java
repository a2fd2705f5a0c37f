package dev.durable.deploy;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One execution of one edit, and the state it must have reached. */
final class Trial {

  final UUID id;
  private final String title;
  private final String position;
  private Model memory = Model.fresh();
  private List<Part> moved;
  private Set<String> stops = Set.of();
  private @Nullable Verdict misfit;

  /**
   * @param position where it rests first
   * @param started the definition it was started with
   */
  Trial(UUID id, String edit, String position, List<Part> started) {
    this.id = id;
    this.title = edit + " @ " + position;
    this.position = position;
    this.moved = started;
  }

  /** The positions where it rests first, and then. */
  List<String> positions() {
    int first = Edits.POSITIONS.indexOf(position);
    int then = first < 0 ? -1 : first + 3;
    return List.of(
        position, then < Edits.POSITIONS.size() && then >= 0 ? Edits.POSITIONS.get(then) : "");
  }

  /** From now on this definition moves it, if it fits; it goes as far as one of these. */
  void continues(List<Part> definition, Set<String> restsAt) {
    if (isOver()) {
      return;
    }
    Verdict verdict = Verdict.of(memory, definition);
    if (definition.equals(moved) || verdict.fits()) {
      misfit = null;
      moved = definition;
      stops = restsAt;
      memory = memory.run(definition, restsAt);
    } else {
      misfit = verdict;
    }
  }

  /** Whether it is past all that could park it. */
  boolean isOver() {
    return misfit == null && (memory.isComplete() || memory.hasFailed());
  }

  boolean isParked() {
    return misfit != null;
  }

  /** Whether it is to rest at that wait. */
  boolean rests(String path) {
    return isParked() || stops.contains(path);
  }

  Model memory() {
    return memory;
  }

  /** The status that it comes to. */
  ExecutionStatus status() {
    if (misfit != null) {
      return ExecutionStatus.PARKED;
    }
    if (memory.hasFailed()) {
      return memory.undone(moved).isEmpty() ? ExecutionStatus.FAILED : ExecutionStatus.COMPENSATED;
    }
    return memory.isComplete() ? ExecutionStatus.COMPLETED : ExecutionStatus.WAITING;
  }

  /** The faults of the state it has reached. */
  List<String> wrong(Execution now, List<String> written) {
    List<String> wrong = new ArrayList<>();
    List<String> expected =
        Stream.concat(
                memory.written().stream(), memory.undone(isParked() ? List.of() : moved).stream())
            .sorted()
            .toList();
    if (now.status() != status()) {
      wrong.add("is " + now.status() + " for " + now.error() + ", expected " + status());
    }
    if (!written.equals(expected)) {
      wrong.add("has done " + written + ", expected " + expected);
    }
    Verdict verdict = misfit;
    ErrorInfo error = now.error();
    if (verdict != null && error != null && !verdict.isNamedBy(error)) {
      wrong.add("parked for '" + error.message() + "', expected one of " + verdict.paths());
    }
    return wrong.stream()
        .map(
            each -> title + ": " + each + (verdict == null ? "" : " because of " + verdict.wrong()))
        .toList();
  }

  @Override
  public String toString() {
    return title;
  }
}
