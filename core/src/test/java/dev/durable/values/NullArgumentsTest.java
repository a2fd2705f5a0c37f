package dev.durable.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.durable.StartOptions;
import dev.durable.WorkerOptions;
import dev.durable.question.Question;
import dev.durable.workflow.WorkflowBuilder;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Null for an argument that may not be null: each public class is asked, a new one, too. */
@DisplayName("An argument that is null")
@Tag("newest")
class NullArgumentsTest {

  private static final List<Class<?>> TYPES = PublicTypes.all();
  private static final SampleValues SAMPLES = new SampleValues(TYPES);

  @TestFactory
  @DisplayName("is refused at the call, by its name, or marked as nullable")
  Stream<DynamicTest> isRefused() {
    return TYPES.stream()
        .filter(NullArgumentsTest::isForCallers)
        .map(type -> dynamicTest(type.getSimpleName(), () -> assertThat(accepted(type)).isEmpty()));
  }

  private static boolean isForCallers(Class<?> type) {
    return !type.isInterface() && !type.isEnum() && !Throwable.class.isAssignableFrom(type);
  }

  @Test
  @DisplayName("is asked of all options, builders and values")
  void isAskedOfAll() {
    assertThat(TYPES)
        .contains(StartOptions.class, WorkerOptions.class, WorkflowBuilder.class, Question.class)
        .hasSizeGreaterThan(100);
  }

  /** The parameters of a class for which null is not refused. */
  private static List<String> accepted(Class<?> type) {
    List<String> accepted = new ArrayList<>();
    Stream.concat(Stream.of(type.getConstructors()), Stream.of(type.getMethods()))
        .filter(executable -> isAsked(type, executable))
        .forEach(
            executable ->
                IntStream.range(0, executable.getParameterCount())
                    .filter(i -> !PublicTypes.takesNull(executable.getParameters()[i]))
                    .mapToObj(i -> acceptance(type, executable, i))
                    .filter(found -> !found.isEmpty())
                    .forEach(accepted::add));
    return accepted;
  }

  /** Records are made by the engine, so only their own methods are asked. */
  private static boolean isAsked(Class<?> type, Executable executable) {
    return executable.getDeclaringClass().getName().startsWith("dev.durable.")
        && !executable.isSynthetic()
        && !executable.getName().equals("equals")
        && (!type.isRecord()
            || (executable instanceof Method && executable.getDeclaringClass() == type));
  }

  /** What happens instead of a refusal; empty if null is refused. */
  private static String acceptance(Class<?> type, Executable executable, int index) {
    Parameter parameter = executable.getParameters()[index];
    Object[] arguments = SAMPLES.arguments(executable);
    arguments[index] = null;
    Object target =
        executable instanceof Method && !Modifier.isStatic(executable.getModifiers())
            ? SAMPLES.make(type)
            : null;
    String instead;
    try {
      SampleValues.call(executable, target, arguments);
      instead = "is accepted";
    } catch (InvocationTargetException thrown) {
      Throwable cause = thrown.getCause();
      if (cause instanceof NullPointerException
          && names(String.valueOf(cause.getMessage()), parameter, executable)) {
        return "";
      }
      instead = "throws " + cause;
    } catch (ReflectiveOperationException unexpected) {
      throw new LinkageError(executable.toString(), unexpected);
    }
    return executable.toGenericString() + ": '" + parameter.getName() + "' " + instead;
  }

  /** An option of one parameter goes by its own name, such as {@code queue} or "step timeout". */
  private static boolean names(String message, Parameter parameter, Executable executable) {
    String name = message.substring(message.lastIndexOf(' ') + 1);
    return message.split(" ", -1).length <= 2
        && (name.equals(parameter.getName()) || name.equals(executable.getName()));
  }
}
