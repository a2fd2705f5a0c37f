// What a user of Kotlin writes. OtherCompilersTest compiles it; nothing runs it.
package shop

import dev.durable.Durable
import dev.durable.execution.ExecutionHandle
import dev.durable.json.TypeRef
import dev.durable.question.Approval
import dev.durable.question.Question
import dev.durable.retry.RetryPolicy
import dev.durable.wait.BusinessTime
import dev.durable.wait.Event
import dev.durable.wait.WaitOutcome
import dev.durable.workflow.CompensationTrigger
import dev.durable.workflow.Decision
import dev.durable.workflow.StepContext
import dev.durable.workflow.Workflow
import java.time.Duration
import java.time.ZoneId
import java.util.UUID
import javax.sql.DataSource

data class Line(val sku: String, val cents: Int)

data class Order(
  val id: String,
  val lines: List<Line>,
  val tax: Int = 0,
  val paid: Paid? = null,
  val tracking: String? = null,
) {
  val cents: Int
    get() = lines.sumOf { it.cents }

  fun withPaid(paid: Paid): Order = copy(paid = paid)
}

data class Paid(val id: String)

data class Receipt(val order: String, val total: Int)

@JvmRecord data class Review(val accepted: Boolean, val discount: Int)

val PAID: Event<Paid> = Event.of("paid", Paid::class.java)
val REFUSED: Event<String> = Event.of("refused", String::class.java)

fun taxOf(order: Order): Int = order.cents / 5

fun receiptOf(order: Order): Receipt = Receipt(order.id, order.cents + order.tax)

fun charge(order: Order, key: String): Paid = Paid("${order.id} $key")

fun refund(paid: Paid) = println("back: $paid")

fun log(order: Order) = println(order)

fun reserve(order: Order, step: StepContext<Order>): String = step.idempotencyKey() + order.id

val SHIPMENT: Workflow<String, String> =
  Workflow.define("shipment", String::class.java).step("ship", { it.uppercase() }).build()

// ---- a tree, with a data class as its state ----

val STATE: Workflow<Order, Receipt> =
  Workflow.define("state", Order::class.java) { it.version(2).queue("orders").retry(RetryPolicy.none()) }
    .step("tax", { o -> o.cents / 5 }) { o, tax -> o.copy(tax = tax) }
    .step("again", ::taxOf, { o, tax -> o.copy(tax = tax) }) { it.timeout(Duration.ofSeconds(9)) }
    .step("trim", { it.copy(lines = it.lines.take(100)) })
    .run("log", ::log)
    .run("log2") { o, step -> println("${step.attempt()} $o") }
    .`when`("big", { it.cents > 1000 }, { path ->
      path.ask(
        "review",
        { o -> Question.form("Accept ${o.id}?", Review::class.java).assignee("group:sales").range("discount", 0, 30) },
        { o, review -> if (review.accepted) o else o.copy(lines = listOf()) },
      ) {
        it.timeout(Duration.ofDays(2)).onTimeout { o -> o }
      }
    })
    .await("paid", PAID, Order::withPaid) { it.timeout { o -> Duration.ofDays(if (o.cents > 100) 3 else 1) } }
    .awaitAny("either", { any -> any.on(PAID, Order::withPaid).on(REFUSED) { o, why -> o.copy(tracking = why) } })
    .transaction("stock", { o, tx ->
      tx.connection().prepareStatement("update stock set n = n - 1").use { it.executeUpdate() }
      o
    }) {
      it.compensate("back") { o -> log(o) }
    }
    .call("ship", SHIPMENT, { o -> o.id }, { o, tracking -> o.copy(tracking = tracking) }) {
      it.timeout(Duration.ofDays(1)).queue("parcels")
    }
    .step("receipt", Receipt::class.java, ::receiptOf)
    .build()

// ---- a tree, from type to type ----

val PIPELINE: Workflow<Order, Receipt> =
  Workflow.define("pipeline", Order::class.java)
    .parallel("checks", { par ->
      val tax = par.step("tax", Int::class.javaObjectType, ::taxOf)
      val label = par.path("label", String::class.java) { p -> p.step("make", String::class.java) { o -> o.id } }
      par.join { o, results -> o.copy(tax = results.get(tax), tracking = results.get(label)) }
    }) {
      it.failFast()
    }
    .forEach("each", Line::class.java, { it.lines }, { item -> item.step("pick", String::class.java) { line -> line.sku } }, { o, picked ->
      o.copy(tracking = picked.completed().joinToString())
    }) {
      it.concurrency(4)
    }
    .callEach("parcels", SHIPMENT, { o -> o.lines.map { it.sku } }, { o, all -> o.copy(tracking = all.completed().first()) }) {
      it.completeAll()
    }
    .decide("skip", listOf("rounds"), { o -> if (o.cents > 5) Decision.goTo("rounds") else Decision.next() })
    .run("between") { log(it) }
    .repeatUntil("rounds", { it.paid != null }, { round -> round.step("pay", { o -> o.copy(paid = Paid(o.id)) }) }) {
      it.every(Duration.ofSeconds(1)).atMost(3)
    }
    .branch("kind", { it.cents > 5 }, { cases ->
      cases.`when`(true) { p -> p.run("big", ::log) }.`when`(false) { p -> p }
    })
    .sleepUntil("morning", { BusinessTime.`in`(ZoneId.of("Europe/Berlin")).nextBusinessDay(java.time.Instant.EPOCH) })
    .step("sizes", object : TypeRef<List<Int>>() {}, { o -> o.lines.map { it.cents } })
    .step("receipt", Receipt::class.java) { sizes -> Receipt("sum", sizes.sum()) }
    .build()

// ---- a body ----

fun place(order: Order, step: StepContext<Order>): Receipt {
  val stock = step.run("reserve", String::class.java, { reserve(order, step) }) { it.compensate("release") { r -> println(r) } }
  step.run("mail") { log(order) }
  step.transaction("book") { tx -> tx.connection().createStatement().use { it.execute("select 1") } }
  val paid =
    step.run("charge", Paid::class.java, { charge(order, step.idempotencyKey()) }) {
      it.retry(RetryPolicy.exponential(Duration.ofSeconds(1)).maxAttempts(5).thenPark()).timeout(Duration.ofSeconds(9))
      it.compensate("refund", ::refund)
    }
  step.onCompensate("tell") { undo -> undo.run("mail") { println(undo.cause().message()) } }

  val checks = step.parallel("checks")
  val score = checks.run("score", Int::class.javaObjectType) { order.cents % 100 }
  val asked = checks.branch("ask", Approval::class.java) { branch -> branch.ask("ok", Question.approval("Fine?")) }
  checks.join()
  if (score.get() > 50 && !asked.get().approved) {
    throw IllegalStateException("too risky")
  }

  val picked = step.forEach("pick", String::class.java, order.lines, { line, each -> each.path() + line.sku }) { it.concurrency(2) }
  step.forEach("tell", order.lines) { line, each -> each.run("mail") { println(line) } }
  val tracking: String = step.call("ship", SHIPMENT, stock) { it.key("ship ${order.id}") }
  val child: UUID = step.start("later", SHIPMENT, tracking)
  val told: String = step.awaitAny("told") { any -> any.on(PAID) { p -> p.id }.on(REFUSED) { it } }
  step.sleep("rest", Duration.ofMinutes(1))

  val total =
    when (val outcome = step.await(PAID, Duration.ofDays(3))) {
      is WaitOutcome.Received -> outcome.value().id.length
      is WaitOutcome.TimedOut -> 0
      is WaitOutcome.Cancelled -> throw IllegalStateException("cancelled, after $paid, $picked, $child, $told")
    }
  return Receipt(order.id, total)
}

val BODY: Workflow<Order, Receipt> =
  Workflow.of("body", Order::class.java, Receipt::class.java, ::place) { it.compensateOn(CompensationTrigger.CANCEL) }

val VOID: Workflow<Order, Void> = Workflow.of("void", Order::class.java, { o, step -> step.run("log") { log(o) } })

// ---- the client ----

fun client(data: DataSource) {
  Durable.on(data)
    .register(STATE, PIPELINE, BODY)
    .worker { it.queue("orders") { q -> q.concurrency(20) }.drainTime(Duration.ofSeconds(30)) }
    .startWorker()
    .use { durable ->
      val handle: ExecutionHandle<Receipt> = durable.start(BODY, Order("1", listOf())) { it.key("order 1").tag("from", "web") }
      durable.send(handle.id(), PAID, Paid("1")) { it.idempotencyKey("p 1") }
      durable.questions().list { it.assignee("group:sales").limit(10) }.forEach { println(it.prompt()) }
      val receipt: Receipt? = handle.result(Duration.ofSeconds(9))
      val key: String? = durable.find(handle.id()).orElseThrow().key()
      println("$receipt $key")
    }
}
