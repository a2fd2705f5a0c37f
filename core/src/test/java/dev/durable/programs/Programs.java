package dev.durable.programs;

import java.util.ArrayList;
import java.util.List;

/** The likeliest programs in Java, right and wrong. */
final class Programs {

  /** What all of them use: the class is still open. */
  private static final String HEAD =
      """
      import dev.durable.json.*;
      import dev.durable.question.*;
      import dev.durable.retry.*;
      import dev.durable.wait.*;
      import dev.durable.workflow.*;
      import java.time.*;
      import java.util.*;
      class T {
        record Order(String id, int cents) {
          Order with(Priced priced) { return this; }
          Order with(Paid paid) { return this; }
        }
        record Priced(String id, int total) {}
        record Paid(String id) {}
        static Priced price(Order order) { return null; }
        static Paid charge(Priced priced) { return null; }
        static Paid charge(Priced priced, String key) { return null; }
        static Paid charge2(Priced priced, StepContext<Order> step) { return null; }
        static Paid both(Priced priced) { return null; }
        static Paid both(Priced priced, StepContext<Order> step) { return null; }
        static Order check(Order order) throws java.io.IOException { return order; }
        static void mail(Order order) {}
        static void refund(Paid paid) {}
        static Event<Paid> PAID = Event.of("paid", Paid.class);
        static Event<Priced> PRICED = Event.of("priced", Priced.class);
        static Workflow<String, String> CHILD =
            Workflow.define("c", String.class).step("s", s -> s).build();
        static <I, A, R> StepBody<I, A, R> logged(StepBody<I, A, R> body) {
          return (data, step) -> body.run(data, step);
        }
      """;

  /** A title, and the expression below it. */
  private static final String GOOD =
      """
      # a type and a method reference
      Workflow.define("o", Order.class).step("price", Priced.class, T::price).build()
      # a method reference that takes the context
      Workflow.define("o", Order.class).step("price", Priced.class, T::price).step("charge", Paid.class, T::charge2).build()
      # a checked exception
      Workflow.define("o", Order.class).step("check", T::check).build()
      # a branch of one argument
      Workflow.define("o", Order.class).parallel("p", Priced.class, par -> { var x = par.step("x", Integer.class, o -> o.cents()); return par.join((o, r) -> new Priced(o.id(), r.get(x))); }).build()
      # a branch by method reference
      Workflow.define("o", Order.class).parallel("p", Priced.class, par -> { var x = par.step("x", Priced.class, T::price); return par.join((o, r) -> r.get(x)); }, with -> with.completeAll()).build()
      # an approval that changes the type
      Workflow.define("o", Order.class).ask("a", Paid.class, o -> Question.approval("x"), (o, a) -> new Paid(o.id())).build()
      # an approval that is handed on, with options
      Workflow.define("o", Order.class).ask("a", Approval.class, o -> Question.approval("x"), with -> with.timeout(Duration.ofDays(1))).step("b", a -> a).build()
      # an answer of a generic type that is handed on
      Workflow.define("o", Order.class).ask("a", new TypeRef<List<String>>() {}, o -> Question.multiChoice("x", List.of("y"))).step("b", a -> a).build()
      # the same with options
      Workflow.define("o", Order.class).ask("a", new TypeRef<List<String>>() {}, o -> Question.multiChoice("x", List.of("y")), with -> with.timeout(Duration.ofDays(1))).build()
      # a call that makes another type
      Workflow.define("o", Order.class).call("a", Paid.class, CHILD, o -> o.id(), (o, a) -> new Paid(o.id()), with -> with.queue("q")).build()
      # a call with options
      Workflow.define("o", Order.class).call("a", CHILD, o -> o.id(), (o, a) -> o, with -> with.timeout(Duration.ofDays(1))).build()
      # an event without options
      Workflow.define("o", Order.class).await("a", PAID, (o, a) -> o).build()
      # an overloaded wither for an event
      Workflow.define("o", Order.class).await("a", PAID, Order::with).build()
      # an overloaded wither for a result
      Workflow.define("o", Order.class).step("p", o -> price(o), Order::with).build()
      # two method references and options
      Workflow.define("o", Order.class).step("p", T::price, Order::with, with -> with.retry(RetryPolicy.none())).build()
      # a call that hands on its result
      Workflow.define("o", Order.class).call("a", CHILD, o -> o.id()).step("b", s -> s.trim()).build()
      # any of several events
      Workflow.define("o", Order.class).awaitAny("a", any -> any.on(PAID, Order::with).on(PRICED, Order::with), with -> with.timeout(Duration.ofDays(1)).onTimeout(o -> o)).build()
      # any of several events makes another type
      Workflow.define("o", Order.class).awaitAny("a", Paid.class, any -> any.on(PAID, (o, p) -> p).on(PRICED, (o, p) -> new Paid(p.id()))).build()
      # all of several events
      Workflow.define("o", Order.class).awaitAll("a", all -> all.on(PAID, Order::with).on(PRICED, Order::with)).build()
      # a body that is wrapped
      Workflow.define("o", Order.class).step("price", Priced.class, logged((o, s) -> price(o))).build()
      # work without a result
      Workflow.define("o", Order.class).run("mail", o -> System.out.println(o)).run("mail2", T::mail).build()
      # each item of a list
      Workflow.define("o", Order.class).step("l", new TypeRef<List<Priced>>() {}, o -> List.of(price(o))).forEach("e", Priced.class, l -> l, e -> e.step("c", Paid.class, p -> charge(p)), (l, r) -> l).build()
      # each item with an empty path
      Workflow.define("o", Order.class).step("l", new TypeRef<List<Priced>>() {}, o -> List.of(price(o))).forEach("e", Priced.class, l -> l, e -> e).build()
      # a path on a condition
      Workflow.define("o", Order.class).when("b", o -> o.cents() > 5, p -> p.run("x", T::mail)).build()
      # a compensation by method reference
      Workflow.define("o", Order.class).step("p", Priced.class, T::price).step("c", Paid.class, p -> charge(p), with -> with.compensate("refund", T::refund).retry(RetryPolicy.none().thenPark())).build()
      # what a step hands on when it has failed
      Workflow.define("o", Order.class).step("p", Priced.class, T::price, with -> with.onFailure((o, error) -> new Priced(error.message(), 0))).step("c", Paid.class, T::charge2, with -> with.retry(RetryPolicy.constant(Duration.ofSeconds(1)).within(Duration.ofMinutes(5))).onFailure((p, error) -> new Paid(p.id()))).build()
      # what a node hands on when it has failed, beside into
      Workflow.define("o", Order.class).step("p", T::price, Order::with, with -> with.onFailure((o, error) -> o)).transaction("t", (o, tx) -> price(o), Order::with, with -> with.onFailure((o, error) -> o)).build()
      # options in a block
      Workflow.define("o", Order.class).step("p", Priced.class, T::price, with -> { with.retry(RetryPolicy.none()); with.timeout(Duration.ofDays(1)); }).build()
      # a body with options and effects
      Workflow.of("x", Order.class, Paid.class, (o, step) -> { step.run("m", () -> mail(o)); return step.run("c", Paid.class, () -> charge(price(o), step.idempotencyKey()), with -> with.retry(RetryPolicy.none()).timeout(Duration.ofSeconds(9))); }, with -> with.queue("q"))
      # a body that waits for any event
      Workflow.of("x", Order.class, String.class, (o, step) -> step.awaitAny("a", any -> any.on(PAID, p -> "paid " + p.id()).on(PRICED, p -> "priced")))
      # a body without a result
      Workflow.of("x", Order.class, (o, step) -> step.run("m", () -> mail(o)))
      # a body that is an expression
      Workflow.of("x", Order.class, Paid.class, (o, step) -> step.await(PAID))
      # options from a constant
      Workflow.define("o", Order.class).step("p", Priced.class, T::price, REMOTE()).build(); }
      static java.util.function.Consumer<StepOptions<?, ?>> REMOTE() { return with -> with.retry(RetryPolicy.none())
      # a decision
      Workflow.define("o", Order.class).decide("d", List.of("x"), o -> o.cents() > 1 ? Decision.goTo("x") : Decision.next()).run("x", T::mail).build()
      # a transaction whose result goes into the data
      Workflow.define("o", Order.class).transaction("t", (o, tx) -> price(o), Order::with, with -> with.compensate("undo", o -> mail(o))).build()
      # a person's answer in the data
      Workflow.define("o", Order.class).ask("a", o -> Question.approval("ok?"), (o, a) -> o, with -> with.timeout(Duration.ofDays(1)).onTimeout(o -> o)).build()
      # a child for each item
      Workflow.define("o", Order.class).callEach("c", CHILD, o -> List.of(o.id()), (o, all) -> o, with -> with.concurrency(4).queue("q").completeAll()).build()
      # rounds until a condition holds
      Workflow.define("o", Order.class).repeatUntil("r", o -> o.cents() > 3, r -> r.run("m", T::mail), with -> with.every(Duration.ofSeconds(1)).atMost(3)).build()
      # options of the whole workflow
      Workflow.define("o", Order.class, with -> with.version(2).queue("q").retry(RetryPolicy.none())).run("m", T::mail).build()
      """;

  /** A title and the cause that the message must name, and the expression below them. */
  private static final String WRONG =
      """
      # forgot the type => Priced cannot be converted to Order
      Workflow.define("o", Order.class).step("price", o -> price(o)).step("charge", Paid.class, p -> charge(p)).build()
      # forgot the type, method ref => Priced cannot be converted to Order
      Workflow.define("o", Order.class).step("price", T::price).build()
      # void body in step => void cannot be converted to Order
      Workflow.define("o", Order.class).step("mail", o -> mail(o)).build()
      # void method ref in step => void cannot be converted to Order
      Workflow.define("o", Order.class).step("mail", T::mail).build()
      # overloaded method ref (1 and 2 with context) => ambiguous
      Workflow.define("o", Order.class).step("price", Priced.class, T::price).step("charge", Paid.class, T::both).build()
      # overloaded method ref, other arity => ambiguous
      Workflow.define("o", Order.class).step("price", Priced.class, T::price).step("charge", Paid.class, T::charge).build()
      # into swapped => cannot find symbol
      Workflow.define("o", Order.class).step("price", o -> price(o), (p, o) -> o.with(p)).build()
      # into of another type => Paid cannot be converted to Order
      Workflow.define("o", Order.class).await("a", PAID, (o, paid) -> paid).build()
      # wrong data => Order cannot be converted to Priced
      Workflow.define("o", Order.class).step("charge", Paid.class, p -> charge(p)).build()
      # wrong data, method ref => Order cannot be converted to Priced
      Workflow.define("o", Order.class).step("charge", Paid.class, T::charge2).build()
      # options before into => no suitable method found for await
      Workflow.define("o", Order.class).await("a", PAID, with -> with.timeout(Duration.ofDays(1)), (o, p) -> o).build()
      # block with return => no suitable method found for step
      Workflow.define("o", Order.class).step("p", Priced.class, T::price, with -> { return with.retry(RetryPolicy.none()); }).build()
      # identity => no suitable method found for step
      Workflow.define("o", Order.class).step("p", Priced.class, T::price, with -> with).build()
      # option that the node has not => AwaitOptions<Order,Order>
      Workflow.define("o", Order.class).await("a", PAID, Order::with, with -> with.retry(RetryPolicy.none())).build()
      # List.class => inference variable R has incompatible
      Workflow.define("o", Order.class).step("l", List.class, o -> List.of(price(o))).step("x", Priced.class, l -> l.get(0)).build()
      # typo in a lambda => idempotencyKye
      Workflow.define("o", Order.class).step("price", Priced.class, o -> price(o)).step("charge", Paid.class, (p, s) -> charge(p, s.idempotencyKye()), with -> with.retry(RetryPolicy.none())).step("x", p -> p).build()
      # typo in options => retyr
      Workflow.define("o", Order.class).step("price", Priced.class, o -> price(o), with -> with.retyr(RetryPolicy.none())).build()
      # compensation of another type => Priced cannot be converted to Paid
      Workflow.define("o", Order.class).step("p", Priced.class, T::price, with -> with.compensate("refund", T::refund)).build()
      # forgot build => WorkflowBuilder<Order,Order> cannot be converted to Workflow<Order,Order>
      wf2(); } Workflow<Order, Order> wf2() { return Workflow.define("o", Order.class).run("m", T::mail)
      # result of another type => Workflow<Order,Order> cannot be converted to Workflow<Order,Paid>
      wf2(); } Workflow<Order, Paid> wf2() { return Workflow.define("o", Order.class).run("m", T::mail).build()
      # forgot the lambda in run => 'void' type not allowed here
      Workflow.of("x", Order.class, (o, step) -> step.run("m", mail(o)))
      # forgot the outcome => WaitOutcome
      Workflow.of("x", Order.class, Paid.class, (o, step) -> { Paid p = step.await(PAID, Duration.ofDays(3)); return p; })
      # forgot the type in run => run
      Workflow.of("x", Order.class, Paid.class, (o, step) -> { Paid p = step.run("c", () -> charge(price(o))); return p; })
      # wrong key => String cannot be converted to Boolean
      Workflow.define("o", Order.class).branch("b", o -> o.cents() > 5, cases -> cases.when("yes", p -> p)).build()
      # case of another type => Priced
      Workflow.define("o", Order.class).branch("b", o -> o.cents() > 5, cases -> cases.when(true, p -> p.step("x", Priced.class, T::price)).when(false, p -> p)).build()
      # wait in a transaction => sleep
      Workflow.define("o", Order.class).transaction("t", (o, tx) -> { tx.sleep("x", Duration.ofDays(1)); return o; }).build()
      # forEach without the item's class => no suitable method found for forEach
      Workflow.define("o", Order.class).step("l", new TypeRef<List<Priced>>() {}, o -> List.of(price(o))).forEach("e", l -> l, e -> e.step("c", Paid.class, p -> charge(p)), (l, r) -> l).build()
      # call: wrong input type => inference variable J has incompatible
      Workflow.define("o", Order.class).call("a", CHILD, o -> o.cents(), (o, x) -> o).build()
      # ask: the question instead of a function => Question<Approval>
      Workflow.define("o", Order.class).ask("a", Question.approval("ok?"), (o, a) -> o).build()
      # type and into on a step => Priced
      Workflow.define("o", Order.class).step("p", Priced.class, o -> price(o), (o, p) -> o.with(p)).build()
      # parallel: forgot return join => Joined
      Workflow.define("o", Order.class).parallel("p", par -> { par.step("x", Integer.class, o -> o.cents()); }).build()
      # when: condition returns no boolean => int cannot be converted to Boolean
      Workflow.define("o", Order.class).when("w", o -> o.cents(), p -> p).build()
      """;

  private Programs() {}

  /** Those that compile. */
  static List<Program> good() {
    return table(GOOD);
  }

  /** Those that do not. */
  static List<Program> wrong() {
    return table(WRONG);
  }

  /** The class {@code T} with these programs as its methods. */
  static String source(List<Program> programs) {
    StringBuilder source = new StringBuilder(HEAD);
    for (int i = 0; i < programs.size(); i++) {
      source.append("  Object p%d() { return %s; }%n".formatted(i, programs.get(i).text()));
    }
    return source + "}\n";
  }

  /** Reads {@code # title => cause} lines, each with a program below. */
  static List<Program> table(String table) {
    List<Program> all = new ArrayList<>();
    for (String each : table.split("(?m)^# ", -1)) {
      if (!each.isBlank()) {
        int end = each.indexOf('\n');
        String[] title = each.substring(0, end).split(" => ", -1);
        all.add(new Program(title[0], title[title.length - 1], each.substring(end + 1).strip()));
      }
    }
    return all;
  }
}
