package dev.durable.json;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A type that a {@link Class} cannot name, such as {@code List<Item>}: {@code new
 * TypeRef<List<Item>>() {}}.
 *
 * <p>Immutable and thread-safe. Two references are equal when they name the same type.
 *
 * @param <T> the type
 */
public abstract class TypeRef<T> {

  private final Type type;

  /**
   * Captures {@code T} from the subclass.
   *
   * @throws IllegalArgumentException if the subclass does not name {@code T}, as in {@code new
   *     TypeRef() {}}, or names it only in part, as in {@code new TypeRef<List<T>>() {}} and {@code
   *     new TypeRef<List>() {}}
   */
  protected TypeRef() {
    if (!(getClass().getGenericSuperclass() instanceof ParameterizedType parent)) {
      throw new IllegalArgumentException(
          "TypeRef needs its type argument: write new TypeRef<List<Item>>() {}");
    }
    this.type = NamedTypes.require(parent.getActualTypeArguments()[0]);
  }

  private TypeRef(Type type) {
    this.type = NamedTypes.require(Objects.requireNonNull(type, "type"));
  }

  /**
   * The reference to a plain class.
   *
   * @throws IllegalArgumentException if the class is generic: it does not say what is in it
   */
  public static <T> TypeRef<T> of(Class<T> type) {
    return new Plain<>(type);
  }

  /** The reference to the list of a type. */
  public static <E> TypeRef<List<E>> listOf(TypeRef<E> element) {
    return new Plain<>(new ListType(Objects.requireNonNull(element, "element").type));
  }

  /** The captured type. */
  public final Type type() {
    return type;
  }

  /** True for {@code Void}: a step of this type may return null. */
  public final boolean isVoid() {
    return type == Void.class;
  }

  @Override
  public final boolean equals(Object other) {
    return other instanceof TypeRef<?> that && type.equals(that.type);
  }

  @Override
  public final int hashCode() {
    return type.hashCode();
  }

  /** The type's name as Java writes it, without the {@code class} in front. */
  @Override
  public final String toString() {
    return type.getTypeName();
  }

  private static final class Plain<T> extends TypeRef<T> {
    Plain(Type type) {
      super(type);
    }
  }

  /** {@code List<element>}. */
  private record ListType(Type element) implements ParameterizedType {
    @Override
    public Type[] getActualTypeArguments() {
      return new Type[] {element};
    }

    @Override
    public Type getRawType() {
      return List.class;
    }

    @Override
    public @Nullable Type getOwnerType() {
      return null;
    }

    @Override
    public String getTypeName() {
      return "java.util.List<" + element.getTypeName() + ">";
    }
  }
}
