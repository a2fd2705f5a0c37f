// What a user of Scala 3 writes. OtherCompilersTest compiles it; nothing runs it.
package shop

import dev.durable.Durable
import dev.durable.execution.ExecutionHandle
import dev.durable.json.TypeRef
import dev.durable.question.{Approval, Question}
import dev.durable.retry.RetryPolicy
import dev.durable.wait.{Event, WaitOutcome}
import dev.durable.workflow.{CompensationTrigger, Decision, StepContext, Workflow}
import java.time.{Duration, Instant}
import java.util.UUID
import javax.sql.DataSource
import scala.jdk.CollectionConverters.*

case class Line(sku: String, cents: Int)

case class Order(
    id: String,
    lines: java.util.List[Line],
    tax: Integer = 0,
    paid: Option[Paid] = None,
    tracking: String = ""
):
  def cents: Int = lines.asScala.map(_.cents).sum
  def withPaid(paid: Paid): Order = copy(paid = Some(paid))

case class Paid(id: String)

case class Receipt(order: String, total: Int)

val PAID: Event[Paid] = Event.of("paid", classOf[Paid])
val REFUSED: Event[String] = Event.of("refused", classOf[String])

def taxOf(order: Order): Integer = order.cents / 5

def receiptOf(order: Order): Receipt = Receipt(order.id, order.cents + order.tax)

def charge(order: Order, key: String): Paid = Paid(s"${order.id} $key")

def refund(paid: Paid): Unit = println(s"back: $paid")

def log(order: Order): Unit = println(order)

def reserve(order: Order, step: StepContext[Order]): String = step.idempotencyKey() + order.id

val SHIPMENT: Workflow[String, String] =
  Workflow.define("shipment", classOf[String]).step("ship", s => s.toUpperCase).build()

// ---- a tree, with a case class as its state ----

val STATE: Workflow[Order, Receipt] =
  Workflow
    .define("state", classOf[Order], w => w.version(2).queue("orders").retry(RetryPolicy.none()))
    .step("tax", o => taxOf(o), (o, tax) => o.copy(tax = tax))
    .step("again", o => taxOf(o), (o, tax) => o.copy(tax = tax), w => w.timeout(Duration.ofSeconds(9)))
    .step("trim", o => o.copy(tracking = o.tracking.trim))
    .run("log", o => log(o))
    .run("log2", (o, step) => println(s"${step.attempt()} $o"))
    .when(
      "big",
      o => o.cents > 1000,
      path =>
        path.ask(
          "review",
          o => Question.approval(s"Accept ${o.id}?").assignee("group:sales"),
          (o, review) => if review.approved then o else o.copy(tax = 0),
          w => w.timeout(Duration.ofDays(2)).onTimeout(o => o)
        )
    )
    .await("paid", PAID, (o, paid) => o.withPaid(paid), w => w.timeout(o => Duration.ofDays(if o.cents > 100 then 3 else 1)))
    .awaitAny("either", any => any.on(PAID, (o, paid) => o.withPaid(paid)).on(REFUSED, (o, why) => o.copy(tracking = why)))
    .transaction(
      "stock",
      (o, tx) => {
        tx.connection().createStatement().execute("update stock set n = n - 1")
        o
      },
      w => w.compensate("back", (o: Order) => log(o))
    )
    .call("ship", SHIPMENT, o => o.id, (o, tracking) => o.copy(tracking = tracking), w => w.timeout(Duration.ofDays(1)).queue("parcels"))
    .step("receipt", classOf[Receipt], o => receiptOf(o))
    .build()

// ---- a tree, from type to type ----

val PIPELINE: Workflow[Order, Receipt] =
  Workflow
    .define("pipeline", classOf[Order])
    .parallel(
      "checks",
      par => {
        val tax = par.step("tax", classOf[Integer], o => taxOf(o))
        val label = par.path("label", classOf[String], p => p.step("make", classOf[String], o => o.id))
        par.join((o, results) => o.copy(tax = results.get(tax), tracking = results.get(label)))
      },
      w => w.failFast()
    )
    .forEach(
      "each",
      classOf[Line],
      o => o.lines,
      item => item.step("pick", classOf[String], line => line.sku),
      (o, picked) => o.copy(tracking = picked.completed().asScala.mkString),
      w => w.concurrency(4)
    )
    .callEach("parcels", SHIPMENT, o => o.lines.asScala.map(_.sku).asJava, (o, all) => o, w => w.completeAll())
    .decide("skip", java.util.List.of("rounds"), o => if o.cents > 5 then Decision.goTo("rounds") else Decision.next())
    .run("between", o => log(o))
    .repeatUntil("rounds", o => o.paid.isDefined, round => round.run("pay", o => log(o)), w => w.every(Duration.ofSeconds(1)).atMost(3))
    .branch("kind", o => Boolean.box(o.cents > 5), cases => cases.when(true, p => p.run("big", o => log(o))).when(false, p => p))
    .sleepUntil("morning", o => Instant.EPOCH)
    .step("sizes", new TypeRef[java.util.List[Integer]]() {}, o => o.lines.asScala.map(l => Int.box(l.cents)).asJava)
    .step("receipt", classOf[Receipt], sizes => Receipt("sum", sizes.size))
    .build()

// ---- a body ----

def place(order: Order, step: StepContext[Order]): Receipt =
  val stock = step.run("reserve", classOf[String], () => reserve(order, step), w => w.compensate("release", (r: String) => println(r)))
  step.run("mail", () => log(order))
  step.transaction("book", tx => tx.connection().createStatement().close())
  val paid = step.run(
    "charge",
    classOf[Paid],
    () => charge(order, step.idempotencyKey()),
    w =>
      w.retry(RetryPolicy.exponential(Duration.ofSeconds(1)).maxAttempts(5).thenPark())
        .timeout(Duration.ofSeconds(9))
        .compensate("refund", (p: Paid) => refund(p))
  )
  step.onCompensate("tell", undo => undo.run("mail", () => println(undo.cause().message)))

  val checks = step.parallel("checks")
  val score = checks.run("score", classOf[Integer], () => Int.box(order.cents % 100))
  val asked = checks.branch("ask", classOf[Approval], branch => branch.ask("ok", Question.approval("Fine?")))
  checks.join()
  if score.get() > 50 && !asked.get().approved then throw IllegalStateException("too risky")

  val picked = step.forEach("pick", classOf[String], order.lines, (line, each) => each.path() + line.sku, w => w.concurrency(2))
  step.forEach("tell", order.lines, (line, each) => each.run("mail", () => println(line)))
  val tracking: String = step.call("ship", SHIPMENT, stock, w => w.key(s"ship ${order.id}"))
  val child: UUID = step.start("later", SHIPMENT, tracking)
  val told: String = step.awaitAny("told", any => any.on(PAID, p => p.id).on(REFUSED, why => why))
  step.sleep("rest", Duration.ofMinutes(1))

  val total = step.await(PAID, Duration.ofDays(3)) match
    case received: WaitOutcome.Received[Paid] => received.value.id.length
    case _: WaitOutcome.TimedOut[Paid] => 0
    case _: WaitOutcome.Cancelled[Paid] => throw IllegalStateException(s"cancelled, after $paid, $picked, $child, $told")
  Receipt(order.id, total)

val BODY: Workflow[Order, Receipt] =
  Workflow.of("body", classOf[Order], classOf[Receipt], place, w => w.compensateOn(CompensationTrigger.CANCEL))

val VOID: Workflow[Order, Void] = Workflow.of("void", classOf[Order], (o, step) => step.run("log", () => log(o)))

// ---- the client ----

def client(data: DataSource): Unit =
  val durable = Durable
    .on(data)
    .register(STATE, PIPELINE, BODY)
    .worker(w => w.queue("orders", q => q.concurrency(20)).drainTime(Duration.ofSeconds(30)))
    .startWorker()
  try
    val handle: ExecutionHandle[Receipt] = durable.start(BODY, Order("1", java.util.List.of()), w => w.key("order 1").tag("from", "web"))
    durable.send(handle.id(), PAID, Paid("1"), w => w.idempotencyKey("p 1"))
    durable.questions().list(q => q.assignee("group:sales").limit(10)).forEach(q => println(q.prompt))
    val receipt: Receipt = handle.result(Duration.ofSeconds(9))
    println(receipt)
  finally durable.close()
