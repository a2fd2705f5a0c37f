package dev.durable.internal.engine.run;

import dev.durable.execution.StepType;
import dev.durable.internal.codec.InternalJson;
import dev.durable.json.JsonFields;
import dev.durable.json.TypeRef;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The purpose for which a body uses a name. It is stored with each wait and child: after a change
 * of the code the same name may have another purpose, which the committed row does not serve.
 *
 * @param kind the kind of call
 * @param about the names of its events, its child or its question's type; may be empty
 */
public record Purpose(Kind kind, List<String> about) {

  private static final TypeRef<List<String>> NAMES = new TypeRef<>() {};
  private static final TypeRef<String> TEXT = TypeRef.of(String.class);

  /** What the row of an onCompensate has in place of a result. */
  public static final String UNDO_JSON = "{\"onCompensate\":true}";

  public static final Purpose EFFECT = new Purpose(Kind.EFFECT, List.of());
  public static final Purpose UNDO = new Purpose(Kind.UNDO, List.of());
  public static final Purpose SLEEP = new Purpose(Kind.SLEEP, List.of());

  public static final Purpose PARALLEL = new Purpose(Kind.PARALLEL, List.of());
  public static final Purpose FOR_EACH = new Purpose(Kind.FOR_EACH, List.of());

  /** The calls that a body can make under a name. */
  public enum Kind {
    EFFECT("an effect"),
    UNDO("an onCompensate"),
    SLEEP("a sleep"),
    EVENT("a wait for"),
    ALL("a wait for all of"),
    QUESTION("a question of type"),
    CALL("a call of"),
    START("a start of"),
    PARALLEL("a parallel"),
    FOR_EACH("a forEach"),
    CALL_EACH("a callEach of");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    private boolean isEvent() {
      return this == EVENT || this == ALL;
    }
  }

  public Purpose {
    about = List.copyOf(about);
  }

  public static Purpose events(boolean all, List<String> signals) {
    return new Purpose(all ? Kind.ALL : Kind.EVENT, signals);
  }

  public static Purpose of(Kind kind, String about) {
    return new Purpose(kind, List.of(about));
  }

  // ---- as it is stored ----

  /** Its fields, as JSON. */
  Map<String, String> fields() {
    return Map.of("kind", InternalJson.write(kind.name()), "about", InternalJson.write(about));
  }

  /** The purpose of a row; null if it has none. */
  public static @Nullable Purpose in(StepType type, @Nullable String json) {
    if (type == StepType.EFFECT) {
      return UNDO_JSON.equals(json) ? UNDO : EFFECT;
    }
    if (json == null || !json.startsWith("{")) {
      return null;
    }
    Map<String, String> fields = JsonFields.split(json);
    return in(fields);
  }

  /** The purpose in the fields of a row's output; null if it has none. */
  public static @Nullable Purpose in(Map<String, String> fields) {
    String kind = fields.get("kind");
    String about = fields.get("about");
    return kind == null || about == null
        ? null
        : new Purpose(Kind.valueOf(InternalJson.read(kind, TEXT)), InternalJson.read(about, NAMES));
  }

  /** Its fields and others, for the output of a row. */
  public Map<String, String> and(Map<String, String> fields) {
    Map<String, String> all = new HashMap<>(fields());
    all.putAll(fields);
    return all;
  }

  public String toJson() {
    return JsonFields.join(fields());
  }

  // ---- comparing ----

  /** Whether a wait that is open for this can continue for that: events may be exchanged. */
  public boolean goesOnAs(Purpose now) {
    return equals(now) || (kind.isEvent() && now.kind.isEvent());
  }

  /**
   * Whether the outcome of a call for this purpose serves another.
   *
   * @param received the names of the events that were received
   */
  public boolean answers(Purpose now, Collection<String> received) {
    if (equals(now)) {
      return true;
    }
    if (!kind.isEvent() || !now.kind.isEvent() || received.isEmpty()) {
      return false;
    }
    Set<String> wanted = new HashSet<>(now.about);
    return now.kind == Kind.ALL
        ? wanted.equals(Set.copyOf(received))
        : wanted.containsAll(received);
  }

  public String text() {
    return about.isEmpty() ? kind.text : kind.text + " '" + String.join("', '", about) + "'";
  }
}
