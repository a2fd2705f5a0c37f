package dev.durable.internal.engine.step;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.engine.run.Purpose;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.text.Hash;
import dev.durable.internal.text.NodePath;
import dev.durable.json.JsonFields;
import dev.durable.json.TypeRef;
import dev.durable.retry.NonRetryableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The list of a forEach in a body. Its items come from the body in each entry; a row remembers a
 * digest of each, because results of items must not be given to others.
 *
 * @param path of the forEach
 * @param purpose what the name is used for
 */
record ForkedItems(BodyScope scope, String path, Purpose purpose) {

  private static final TypeRef<List<String>> DIGESTS = new TypeRef<>() {};
  private static final int DIGEST_BYTES = 12;

  /**
   * The items.
   *
   * @throws NonRetryableException if one is null
   * @throws dev.durable.json.JsonException if one cannot be written as JSON
   * @throws dev.durable.internal.engine.run.ParkedError if the list has changed
   */
  <E> List<E> checked(List<? extends E> given) {
    scope.requireFree(path, purpose);
    List<E> items = new ArrayList<>(given);
    List<String> digests = digests(items);
    String row = new NodePath(path).items().text();
    String known = scope.run().history().facts().json(row);
    if (known == null) {
      scope.attempt().requireDoing(path);
      remember(row, digests);
      return items;
    }
    String field = Objects.requireNonNull(JsonFields.split(known).get("items"));
    String difference = difference(InternalJson.read(field, DIGESTS), digests);
    if (difference != null) {
      throw scope.parks(
          ErrorInfo.of(
              ErrorInfo.DEFINITION_CHANGED,
              "The list of '"
                  + path
                  + "' has changed since the body began with it: "
                  + difference
                  + ". Give it the same list whenever the body is entered, made of the input or of"
                  + " what is remembered; then retry the execution: it does not continue by itself.",
              scope.attempt().path()));
    }
    return items;
  }

  private List<String> digests(List<?> items) {
    List<String> digests = new ArrayList<>(items.size());
    for (Object item : items) {
      int index = digests.size();
      if (item == null) {
        throw new NonRetryableException(
            "The list of '" + path + "' has a null at index " + index + ".");
      }
      String what = "item " + index + " of '" + path + "'";
      digests.add(digest(scope.run().services().payloads().encode(what, item)));
    }
    return digests;
  }

  private static String digest(String json) {
    return Hash.of(json, DIGEST_BYTES);
  }

  private static @Nullable String difference(List<String> then, List<String> now) {
    if (then.size() != now.size()) {
      return "it had " + then.size() + " items, and now has " + now.size();
    }
    for (int i = 0; i < now.size(); i++) {
      if (!then.get(i).equals(now.get(i))) {
        return "its item " + i + " is another one";
      }
    }
    return null;
  }

  private void remember(String row, List<String> digests) {
    RunState run = scope.run();
    JsonValue data =
        JsonValue.of(JsonFields.join(purpose.and(Map.of("items", InternalJson.write(digests)))));
    run.journal()
        .commit(
            scope.attempt(),
            Uncommitted.of(List.of(scope.row(row, StepType.EFFECT, data, Duration.ZERO))),
            () -> {});
  }
}
