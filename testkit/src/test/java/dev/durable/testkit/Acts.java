package dev.durable.testkit;

import dev.durable.Durable;
import dev.durable.question.Approval;
import dev.durable.wait.Event;
import dev.durable.wait.OpenWait;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** What comes from outside: told to a dry run, and done to an execution. */
final class Acts {

  private final List<Act<?>> all = new ArrayList<>();

  private record Act<E>(String kind, String path, Event<E> event, Object value) {

    private void tell(DryRun<?, ?> run) {
      switch (kind) {
        case "early" -> run.event(event, payload());
        case "event" -> run.event(path, event, payload());
        case "answer" -> run.answer(path, value);
        case "cancelWait" -> run.cancelWait(path);
        default -> run.cancel(path);
      }
    }

    @SuppressWarnings("unchecked")
    private E payload() {
      return (E) value;
    }

    private void perform(Durable durable, UUID id) {
      switch (kind) {
        case "early", "event" -> durable.send(id, event, payload());
        case "answer" -> {
          String name = path.substring(path.lastIndexOf('/') + 1);
          if (value instanceof Approval approval) {
            durable.questions().answer(id, name, approval);
          } else {
            durable.questions().answer(id, name, value, "");
          }
        }
        case "cancelWait" -> durable.cancelWait(id, path);
        default -> durable.cancel(id, "The script cancels it at '" + path + "'.");
      }
    }
  }

  <E> Acts early(Event<E> event, E payload) {
    all.add(new Act<>("early", "", event, payload));
    return this;
  }

  <E> Acts event(String path, Event<E> event, E payload) {
    all.add(new Act<>("event", path, event, payload));
    return this;
  }

  Acts answer(String path, Object answer) {
    all.add(new Act<>("answer", path, null, answer));
    return this;
  }

  Acts cancelWait(String path) {
    all.add(new Act<>("cancelWait", path, null, null));
    return this;
  }

  Acts cancel(String path) {
    all.add(new Act<>("cancel", path, null, null));
    return this;
  }

  void tell(DryRun<?, ?> run) {
    all.forEach(act -> act.tell(run));
  }

  Acts copy() {
    Acts copy = new Acts();
    copy.all.addAll(all);
    return copy;
  }

  /** Does what is to be done at the start. */
  void begin(Durable durable, UUID id) {
    all.removeIf(
        act -> {
          if (act.kind.equals("early")) {
            act.perform(durable, id);
          }
          return act.kind.equals("early");
        });
  }

  /** Does what an open wait is waiting for. */
  void goOn(Durable durable, UUID id) {
    for (OpenWait wait : all.isEmpty() ? List.<OpenWait>of() : durable.waits(id)) {
      Act<?> next =
          all.stream().filter(act -> act.path.equals(wait.path())).findFirst().orElse(null);
      if (next != null) {
        all.remove(next);
        next.perform(durable, id);
      }
    }
  }

  boolean areDone() {
    return all.isEmpty();
  }
}
