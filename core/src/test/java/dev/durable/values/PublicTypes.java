package dev.durable.values;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.durable.testing.Sources;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.AnnotatedTypeVariable;
import java.lang.reflect.Parameter;
import java.lang.reflect.TypeVariable;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The public types of the exported packages, found in the compiled classes. */
final class PublicTypes {

  private PublicTypes() {}

  static List<Class<?>> all() {
    return new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(Sources.exported())
            .stream()
            .filter(type -> List.of(Sources.exported()).contains(type.getPackageName()))
            .filter(PublicTypes::isPublic)
            .<Class<?>>map(JavaClass::reflect)
            .toList();
  }

  private static boolean isPublic(JavaClass type) {
    return type.getModifiers().contains(JavaModifier.PUBLIC)
        && type.getEnclosingClass().map(PublicTypes::isPublic).orElse(true);
  }

  /** Whether null may be given for it. */
  static boolean takesNull(Parameter parameter) {
    return parameter.getType().isPrimitive() || mayBeNull(parameter.getAnnotatedType());
  }

  private static boolean mayBeNull(AnnotatedType type) {
    return type.isAnnotationPresent(Nullable.class)
        || (type instanceof AnnotatedTypeVariable variable
            && variable.getType() instanceof TypeVariable<?> declared
            && Stream.of(declared.getAnnotatedBounds()).anyMatch(PublicTypes::mayBeNull));
  }
}
