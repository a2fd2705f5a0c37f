package dev.durable.json;

import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.introspect.BeanPropertyDefinition;
import tools.jackson.databind.introspect.ClassIntrospector;
import tools.jackson.databind.json.JsonMapper;

/**
 * Finds what Jackson cannot read back. Jackson itself decides: an empty object is offered at each
 * place of a type, so that all annotations, modules and mappings count. Whatever else it objects to
 * is a matter of values.
 */
final class ReadableTypes {

  private final JsonMapper mapper;
  private final Set<JavaType> seen = new HashSet<>();

  ReadableTypes(JsonMapper mapper) {
    this.mapper = mapper;
  }

  /** Why values of a type cannot be read, and what to do; null if they can. */
  @Nullable String problem(TypeRef<?> type) {
    JavaType javaType = mapper.getTypeFactory().constructType(type.type());
    Place root = new Place(type, mapper.readerFor(javaType), "", "", "");
    return problem(root, javaType);
  }

  private @Nullable String problem(Place place, JavaType type) {
    if (type.hasRawClass(Void.class)) {
      return null;
    }
    if (isFuture(type.getRawClass())) {
      return future(place, type.getRawClass());
    }
    InvalidDefinitionException refusal = place.refusal();
    if (refusal != null) {
      return message(place, refusal);
    }
    return seen.add(type) ? parts(place, type) : null;
  }

  private @Nullable String parts(Place place, JavaType type) {
    JavaType content = type.getContentType();
    if (type.isMapLikeType()) {
      return problem(place.value(type.getKeyType()), content);
    }
    if (type.isContainerType()) {
      return problem(place.element(), content);
    }
    if (type.isReferenceType()) {
      return problem(place, type.getReferencedType());
    }
    return isPlatform(type) || type.isEnumType() ? null : components(place, type);
  }

  private @Nullable String components(Place place, JavaType type) {
    String unsaid = unsaid(place, type.getRawClass());
    if (unsaid != null) {
      return unsaid;
    }
    DeserializationConfig config = mapper.deserializationConfig();
    ClassIntrospector classes = config.classIntrospectorInstance().forOperation(config);
    for (BeanPropertyDefinition property :
        classes
            .introspectForDeserialization(type, classes.introspectClassAnnotations(type))
            .findProperties()) {
      String problem =
          property.couldDeserialize()
              ? problem(place.field(property.getName()), property.getPrimaryType())
              : null;
      if (problem != null) {
        return problem;
      }
    }
    return null;
  }

  private static @Nullable String unsaid(Place place, Class<?> type) {
    if (type.isRecord()) {
      for (RecordComponent component : type.getRecordComponents()) {
        String problem = NamedTypes.problem(component);
        if (problem != null) {
          return place.field(component.getName()).where() + ": " + problem;
        }
      }
    }
    return null;
  }

  /** Their parts are Java's own affair. */
  private static boolean isPlatform(JavaType type) {
    return type.getRawClass().getName().startsWith("java.");
  }

  /** Jackson would make one of them, and nothing would complete it. */
  private static boolean isFuture(Class<?> type) {
    return Future.class.isAssignableFrom(type) || CompletionStage.class.isAssignableFrom(type);
  }

  private static String future(Place place, Class<?> type) {
    return place.where()
        + ": a %s would never complete. Wait for it in the step and return its value."
            .formatted(type.getName());
  }

  private static String message(Place place, InvalidDefinitionException refusal) {
    JavaType refused = refusal.getType();
    Class<?> type = refused == null ? Object.class : refused.getRawClass();
    if (isFuture(type)) {
      return future(place, type);
    }
    boolean isOpen = type.isInterface() || Modifier.isAbstract(type.getModifiers());
    return place.where()
        + (isOpen
            ? ": %s is %s, and its JSON does not say which class to make of it. Add @JsonTypeInfo (and @JsonSubTypes) to it, or use a class or record."
                .formatted(type.getName(), type.isInterface() ? "an interface" : "abstract")
            : ": Jackson can make no %s. Give it a constructor without arguments or a @JsonCreator, or use a record. (%s)"
                .formatted(type.getName(), refusal.getOriginalMessage()));
  }

  /**
   * A place in a type, reached by a JSON text.
   *
   * @param root what it is in
   * @param path for people: {@code holder.items[]}
   * @param before the JSON in front of what stands there
   * @param after the JSON behind it
   */
  private record Place(
      TypeRef<?> root, ObjectReader reader, String path, String before, String after) {

    Place field(String name) {
      String open = before + "{" + JsonFields.quoted(name) + ":";
      return new Place(root, reader, path.isEmpty() ? name : path + "." + name, open, "}" + after);
    }

    Place element() {
      return new Place(root, reader, path + "[]", before + "[", "]" + after);
    }

    Place value(JavaType key) {
      String open = before + "{" + JsonFields.quoted(keyOf(key.getRawClass())) + ":";
      return new Place(root, reader, path + "{}", open, "}" + after);
    }

    /** A key that can be read, because keys are read before their values. */
    private static String keyOf(Class<?> type) {
      if (type.isEnum() && type.getEnumConstants().length > 0) {
        return ((Enum<?>) type.getEnumConstants()[0]).name();
      }
      return type == UUID.class ? new UUID(0, 0).toString() : "0";
    }

    @Nullable InvalidDefinitionException refusal() {
      try {
        reader.readValue(before + "{}" + after);
        return null;
      } catch (InvalidDefinitionException refused) {
        return refused;
      } catch (Throwable aMatterOfValues) {
        return null;
      }
    }

    String where() {
      return "Values of "
          + root
          + " cannot be read back from JSON"
          + (path.isEmpty() ? "" : " ('" + path + "')");
    }
  }
}
