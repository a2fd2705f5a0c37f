package dev.durable.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.StartOptions;
import dev.durable.WorkerOptions;
import dev.durable.execution.ExecutionQuery;
import dev.durable.question.QuestionQuery;
import dev.durable.queue.QueueOptions;
import dev.durable.retry.Backoff;
import dev.durable.retry.RetryPolicy;
import dev.durable.testing.Proves;
import dev.durable.wait.SendOptions;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.ds.PGSimpleDataSource;

@Proves("F13.6")
@DisplayName("Options are forms: a lambda fills them in, and returns nothing that could be lost")
class FormsTest {

  /** Each form, and how the library hands it to a lambda. */
  private static Map<Class<?>, Consumer<Consumer<Object>>> forms() {
    Map<Class<?>, Consumer<Consumer<Object>>> forms = new LinkedHashMap<>();
    forms.put(WorkerOptions.class, with -> Durable.on(new PGSimpleDataSource()).worker(with));
    forms.put(StartOptions.class, StartOptions::of);
    forms.put(SendOptions.class, SendOptions::of);
    forms.put(WorkflowOptions.class, WorkflowOptions::of);
    forms.put(AwaitOptions.class, AwaitOptions::of);
    forms.put(CallOptions.class, CallOptions::of);
    forms.put(CallEachOptions.class, CallEachOptions::of);
    forms.put(ChildStartOptions.class, ChildStartOptions::of);
    forms.put(ChildOptions.class, ChildOptions::of);
    forms.put(QueueOptions.class, QueueOptions::of);
    forms.put(ExecutionQuery.class, ExecutionQuery::of);
    forms.put(QuestionQuery.class, QuestionQuery::of);
    forms.put(StepOptions.class, StepOptions::of);
    forms.put(TransactionOptions.class, TransactionOptions::of);
    forms.put(DecideOptions.class, DecideOptions::of);
    forms.put(ParallelOptions.class, ParallelOptions::of);
    forms.put(EffectOptions.class, EffectOptions::of);
    forms.put(ForEachOptions.class, ForEachOptions::of);
    forms.put(ForkOptions.class, ForkOptions::of);
    forms.put(EachOptions.class, EachOptions::of);
    forms.put(EachChildOptions.class, EachChildOptions::of);
    forms.put(RepeatOptions.class, RepeatOptions::of);
    forms.put(CompensationOptions.class, CompensationOptions::of);
    return forms;
  }

  /** The builders of a branch and of a wait, which add cases and events instead of options. */
  private static final Set<String> OTHERS = Set.of(Cases.class.getName(), OnEvents.class.getName());

  static Stream<Class<?>> kinds() {
    return forms().keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  @DisplayName("A form that was kept changes nothing later, and says why")
  void aKeptFormIsClosed(Class<?> kind) throws Exception {
    AtomicReference<Object> kept = new AtomicReference<>();
    forms().get(kind).accept(kept::set);
    List<Method> setters =
        Arrays.stream(kind.getMethods())
            .filter(method -> !Modifier.isStatic(method.getModifiers()))
            .filter(method -> method.getReturnType() != Object.class)
            .filter(method -> method.getReturnType().isAssignableFrom(kind))
            .toList();
    assertThat(setters).isNotEmpty();
    for (Method setter : setters) {
      Object[] arguments = Arrays.stream(setter.getParameterTypes()).map(this::any).toArray();
      assertThatThrownBy(() -> setter.invoke(kept.get(), arguments))
          .as(setter.toString())
          .hasRootCauseInstanceOf(IllegalStateException.class)
          .hasRootCauseMessage(
              "Options can be changed only inside the lambda that receives them, and it has"
                  + " returned.");
    }
  }

  @Test
  @DisplayName("Every lambda of the API that sets options gets one of these forms")
  void allOfThem() {
    Set<String> taken = new TreeSet<>();
    for (Class<?> type :
        List.of(
            dev.durable.Durable.class,
            dev.durable.DurableBuilder.class,
            WorkerOptions.class,
            dev.durable.TransactionScope.class,
            dev.durable.question.Questions.class,
            Workflow.class,
            WorkflowBuilder.class,
            StepContext.class,
            Parallel.class,
            StepOptions.class)) {
      for (Method method : type.getMethods()) {
        for (Type parameter : method.getGenericParameterTypes()) {
          taken.addAll(filledIn(parameter));
        }
      }
    }
    taken.removeAll(OTHERS);
    assertThat(taken)
        .isEqualTo(kinds().map(Class::getName).collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  @DisplayName("A block keeps each option that it sets")
  void aBlockLosesNothing() {
    Workflow<String, String> workflow =
        Workflow.define("kept", String.class)
            .step(
                "all",
                text -> text,
                with -> {
                  with.retry(RetryPolicy.constant(Duration.ofSeconds(7)));
                  with.timeout(Duration.ofSeconds(8));
                  with.compensate(
                      "undo",
                      text -> {},
                      undo -> {
                        undo.retry(RetryPolicy.constant(Duration.ofSeconds(9)));
                        undo.timeout(Duration.ofSeconds(10));
                      });
                })
            .build();
    StepSettings settings = ((Node.Step) workflow.root().children().getFirst()).settings();
    assertThat(settings.retry())
        .hasToString(RetryPolicy.constant(Duration.ofSeconds(7)).toString());
    assertThat(settings.timeout()).isEqualTo(Duration.ofSeconds(8));
    Compensation<?> undo = settings.compensation().orElseThrow();
    assertThat(undo.retry()).hasToString(RetryPolicy.constant(Duration.ofSeconds(9)).toString());
    assertThat(undo.timeout()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  @DisplayName("A lambda that throws leaves its form closed too")
  void aLambdaThatThrows() {
    AtomicReference<StartOptions> kept = new AtomicReference<>();
    assertThatThrownBy(
            () ->
                StartOptions.of(
                    with -> {
                      kept.set(with);
                      throw new IllegalArgumentException("no");
                    }))
        .hasMessage("no");
    assertThatThrownBy(() -> kept.get().priority(1)).isInstanceOf(IllegalStateException.class);
  }

  /** The forms that a consumer of this type fills in. */
  private static List<String> filledIn(Type parameter) {
    List<String> names = new ArrayList<>();
    if (parameter instanceof ParameterizedType generic
        && (generic.getRawType() == Consumer.class || generic.getRawType() == BiConsumer.class)) {
      Type[] arguments = generic.getActualTypeArguments();
      Type last = arguments[arguments.length - 1];
      if (last instanceof WildcardType wildcard && wildcard.getLowerBounds().length == 1) {
        last = wildcard.getLowerBounds()[0];
      }
      if (last instanceof ParameterizedType filled) {
        last = filled.getRawType();
      }
      names.add(last.getTypeName());
    }
    return names;
  }

  private Object any(Class<?> type) {
    Map<Class<?>, Object> values =
        Map.of(
            String.class,
            "x",
            int.class,
            1,
            boolean.class,
            true,
            Duration.class,
            Duration.ofSeconds(1),
            Instant.class,
            Instant.EPOCH,
            UUID.class,
            new UUID(0, 0),
            Class.class,
            String.class,
            RetryPolicy.class,
            RetryPolicy.none(),
            Backoff.class,
            new Backoff.Constant(Duration.ofSeconds(1)));
    if (values.containsKey(type)) {
      return values.get(type);
    }
    if (type.isArray()) {
      return java.lang.reflect.Array.newInstance(type.getComponentType(), 0);
    }
    if (type.isEnum()) {
      return type.getEnumConstants()[0];
    }
    return Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> null);
  }
}
