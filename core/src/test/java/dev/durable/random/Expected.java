package dev.durable.random;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The outcome of a program's run, computed by plain recursion in memory: the oracle.
 *
 * @param result what it gives
 * @param given what the engine gives to each body, and to each operation that gets a value from it
 * @param surely the effects that are done
 * @param perhaps the effects that are done or not: those of children that were not asked for again,
 *     or whose parent fails before they have ended
 */
record Expected(
    Value result, Map<Integer, Value> given, Set<Integer> surely, Set<Integer> perhaps) {

  static Expected of(Program program, Value input) {
    Oracle oracle = new Oracle();
    Value value = input;
    for (Program.Stage stage : program.stages()) {
      value = oracle.stage(stage, value);
    }
    oracle.perhaps.removeAll(oracle.surely);
    return new Expected(value, oracle.given, oracle.surely, oracle.perhaps);
  }

  /** An answer to a question. */
  static String answer(String question) {
    return "answer to " + question;
  }

  private static final class Oracle {
    private final Map<Integer, Value> given = new HashMap<>();
    private final Set<Integer> surely = new HashSet<>();
    private final Set<Integer> perhaps = new HashSet<>();
    private boolean certain = true;
    private boolean leavesChildren = true;

    Value stage(Program.Stage stage, Value input) {
      if (!stage.isFork()) {
        return body(stage.bodies().getFirst(), input);
      }
      Value joined = input;
      for (Body body : stage.bodies()) {
        for (String done : body(body, input).doneSoFar()) {
          joined = joined.and(done);
        }
      }
      return joined;
    }

    private Value body(Body body, Value input) {
      boolean before = leavesChildren;
      leavesChildren &= !body.fails();
      given.put(body.id(), input);
      Value value = input;
      for (Op op : body.ops()) {
        value = op(op, value);
      }
      leavesChildren = before;
      return value.and("end of " + body.name());
    }

    private Value op(Op op, Value value) {
      return switch (op) {
        case Op.Effect effect -> {
          (certain ? surely : perhaps).add(op.id());
          yield gives(op, value.and(op.name()));
        }
        case Op.Caught caught -> value.and("caught " + op.name());
        case Op.Sleep sleep -> value.and(op.name());
        case Op.Await await -> value.and(await.comes() ? await.event() : "too late");
        case Op.Ask ask -> value.and(answer(op.name()));
        case Op.Call call -> {
          Value end = body(call.child(), value);
          yield call.child().fails() ? value.and("failed " + op.name()) : gives(op, end);
        }
        case Op.Start start -> {
          certainly(leavesChildren, () -> body(start.child(), value));
          yield value.and("started " + op.name());
        }
        case Op.Fork fork -> fork(fork, value);
        case Op.Waver waver -> waver(waver, value);
      };
    }

    private Value fork(Op.Fork fork, Value value) {
      Value joined = value;
      for (Body part : fork.parts()) {
        Value end = body(part, value);
        given.put(part.id(), end);
        for (String done : end.doneSoFar()) {
          joined = joined.and(done);
        }
      }
      return joined;
    }

    private Value gives(Op op, Value value) {
      given.put(op.id(), value);
      return value;
    }

    private Value waver(Op.Waver waver, Value value) {
      certainly(false, () -> waver.turns().forEach(turn -> op(turn, value)));
      return op(waver.last(), value);
    }

    private void certainly(boolean certainly, Runnable what) {
      boolean before = certain;
      certain &= certainly;
      what.run();
      certain = before;
    }
  }
}
