package dev.durable.internal.engine.step;

import dev.durable.execution.StepType;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.ParkedException;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.StoppedError;
import dev.durable.internal.engine.run.Strand;
import dev.durable.internal.engine.run.SuspendedError;
import dev.durable.internal.engine.run.UndoCollection;
import dev.durable.internal.store.worker.HistoryRow;
import dev.durable.internal.thread.CurrentContext;
import dev.durable.workflow.Node;
import dev.durable.workflow.StepBody;
import java.util.List;
import java.util.Set;

/**
 * Enters bodies once more to collect how what they have done is undone. What is remembered returns;
 * the first call that is not, or whatever the body throws, ends the entry. Nothing is done and
 * nothing is written.
 */
public final class BodyCollector {

  private final Strand strand;
  private final RunState past;

  /**
   * @param strand from which the body can be interrupted
   * @param recorded the history that the body has left
   */
  public BodyCollector(Strand strand, List<HistoryRow> recorded) {
    this.strand = strand;
    this.past = strand.run().past(recorded);
  }

  /**
   * What a body says about being undone.
   *
   * @param input what it got
   * @param wanted the paths of what is to be undone: once all that is known, the body is left
   * @throws StoppedError if the run is over
   */
  public UndoCollection collect(Node.Step step, String path, JsonValue input, Set<String> wanted) {
    UndoCollection collection = new UndoCollection(wanted);
    int last = Math.max(1, past.history().attempts().recorded(path));
    Attempt entry = new Attempt(path, StepType.STEP, last, null, false, collection);
    // It has no row, however long it takes.
    entry.staysHidden();
    strand.begin(entry);
    try {
      new BodyCall(strand, entry)
          .call(step.settings().timeout(), () -> enter(step, path, input, entry));
    } catch (Throwable thrown) {
      strand.requireWanted();
      collection.ends(reason(entry, thrown));
    } finally {
      entry.takeAway();
      strand.run().bodies().ended(entry);
      // A body may leave its thread interrupted; that must not disturb the engine.
      Thread.interrupted();
    }
    strand.requireWanted();
    return collection;
  }

  private JsonValue enter(Node.Step step, String path, JsonValue input, Attempt entry)
      throws Exception {
    StepBody<Object, Object, Object> body = StepRunner.unchecked(step.body());
    Strand looksBack = new Strand(past);
    BodyContext context = new BodyContext(looksBack, entry, input.json(), false);
    Object data = new StepRunner(looksBack).read(path, input, step.input());
    CurrentContext.HERE.with(context, () -> body.run(data, context));
    return input;
  }

  private static String reason(Attempt entry, Throwable thrown) {
    if (entry.parked() != null) {
      return "could not go on: " + entry.parked().message();
    }
    return switch (thrown) {
      case BodyCall.TimedOut late -> "took longer than its timeout";
      case ParkedException unreadable -> "could not begin: " + unreadable.reason().message();
      case SuspendedError left -> "was left";
      default -> "threw " + thrown;
    };
  }
}
