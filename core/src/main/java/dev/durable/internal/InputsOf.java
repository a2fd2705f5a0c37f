package dev.durable.internal;

import dev.durable.input.InputClosedException;
import dev.durable.input.InputQuery;
import dev.durable.input.InputStatus;
import dev.durable.input.InputType;
import dev.durable.input.Inputs;
import dev.durable.input.InvalidInputException;
import dev.durable.input.PendingInput;
import dev.durable.internal.engine.Payloads;
import dev.durable.internal.store.InputStore;
import dev.durable.internal.store.InternalJson;
import dev.durable.json.JsonFields;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Questions and answers.
 *
 * @param answered told of the execution that has been answered
 */
record InputsOf(InputStore store, Payloads payloads, Consumer<UUID> answered) implements Inputs {

  private static final int MOST_NAMED = 20;

  @Override
  public List<PendingInput> list(UnaryOperator<InputQuery> filter) {
    return store.list(filter.apply(new InputQuery()));
  }

  @Override
  public void provide(UUID execution, String name, Object answer, String by) {
    provideJson(execution, name, payloads.encode("answer to '" + name + "'", answer), by);
  }

  @Override
  public void provideJson(UUID execution, String name, String json, String by) {
    PendingInput question = pending(execution, name);
    Object answer = payloads.parse("answer to '" + name + "'", json);
    List<String> problems = question.problems(answer);
    if (!problems.isEmpty()) {
      throw new InvalidInputException(name, problems);
    }
    if (!store.answer(question, signed(question, json, by), by)) {
      throw closed(execution, name);
    }
    answered.accept(execution);
  }

  /** Who approved is who the API was told, whatever the answer claims. */
  private static String signed(PendingInput question, String json, String by) {
    if (question.type() != InputType.APPROVAL) {
      return json;
    }
    Map<String, String> fields = JsonFields.split(json);
    fields.put("by", by.isEmpty() ? "null" : InternalJson.write(by));
    return JsonFields.join(fields);
  }

  @Override
  public PendingInput pending(UUID execution, String name) {
    List<PendingInput> open = named(execution, name, InputStatus.PENDING);
    if (open.isEmpty()) {
      throw closed(execution, name);
    }
    if (open.size() > 1) {
      throw new InputClosedException(
          "Several questions of execution "
              + execution
              + " are called '"
              + name
              + "'. Name one by its path: "
              + open.stream().map(PendingInput::path).toList());
    }
    return open.getFirst();
  }

  /** A path is one question's; a name may be that of several. */
  private List<PendingInput> named(UUID execution, String name, InputStatus status) {
    List<PendingInput> named =
        list(query -> query.execution(execution).name(name).status(status).limit(MOST_NAMED));
    List<PendingInput> byPath = named.stream().filter(each -> each.path().equals(name)).toList();
    return byPath.isEmpty() ? named : byPath;
  }

  private InputClosedException closed(UUID execution, String name) {
    for (InputStatus status :
        List.of(InputStatus.COMPLETED, InputStatus.TIMEOUT, InputStatus.CANCELLED)) {
      List<PendingInput> closed = named(execution, name, status);
      if (!closed.isEmpty()) {
        return new InputClosedException(
            "Question '"
                + name
                + "' of execution "
                + execution
                + " is not open any more: "
                + status.text()
                + (closed.getLast().respondedBy() == null
                    ? "."
                    : " by " + closed.getLast().respondedBy() + "."));
      }
    }
    return new InputClosedException(
        "Execution "
            + execution
            + " asks no question '"
            + name
            + "'. It asks: "
            + list(query -> query.execution(execution)).stream()
                .map(PendingInput::name)
                .distinct()
                .toList());
  }
}
