package dev.durable.internal.engine.flow;

import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.codec.Payloads;
import dev.durable.json.JsonFields;
import dev.durable.json.TypeRef;
import dev.durable.retry.NonRetryableException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the list of a forEach: the list is the engine's, its items are the user's.
 *
 * @param path of the forEach
 * @param type of an item
 */
record ForEachItems(Payloads payloads, String path, TypeRef<?> type) {

  /**
   * The list's row.
   *
   * @throws NonRetryableException if it is null or has a null: an item is the input of a path, and
   *     no input is null
   * @throws dev.durable.json.JsonException if an item cannot be written and read as its type
   */
  JsonValue encode(@Nullable Object made) {
    if (!(made instanceof List<?> list)) {
      throw new NonRetryableException(
          "The items of forEach '" + path + "' are null. Return an empty list for none.");
    }
    List<String> items = new ArrayList<>(list.size());
    for (Object item : list) {
      int index = items.size();
      if (item == null) {
        throw new NonRetryableException(
            "The list of forEach '" + path + "' has a null at index " + index + ".");
      }
      String what = "item " + index + " of forEach '" + path + "'";
      items.add(payloads.prepare(what, item, type).json());
    }
    return JsonValue.of(
        payloads.check("list of forEach '" + path + "'", JsonFields.joinList(items)));
  }

  /** The items, each as JSON. */
  List<String> decode(JsonValue list) {
    return JsonFields.splitList(list.json());
  }
}
