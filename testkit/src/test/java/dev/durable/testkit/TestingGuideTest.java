package dev.durable.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.execution.ExecutionStatus;
import dev.durable.question.Approval;
import dev.durable.question.Question;
import dev.durable.retry.NonRetryableException;
import dev.durable.wait.Event;
import dev.durable.workflow.ExecutionInfo;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The snippets of docs/testing.md. */
@DisplayName("The guide to testing")
class TestingGuideTest {

  record Claim(int euros, String state) {
    Claim now(String text) {
      return new Claim(euros, text);
    }
  }

  static final Event<String> RECEIPT = Event.of("receipt", String.class);

  static final Workflow<Claim, Claim> CLAIM =
      Workflow.define("claim", Claim.class)
          .await("receipt", RECEIPT, (claim, receipt) -> claim.now("has " + receipt))
          .when(
              "large",
              claim -> claim.euros() > 100,
              path ->
                  path.ask(
                      "boss",
                      claim -> Question.approval("Pay " + claim.euros() + " EUR?"),
                      (claim, answer) -> claim.now(answer.approved() ? "approved" : "refused"),
                      with ->
                          with.timeout(Duration.ofDays(3))
                              .onTimeout(claim -> claim.now("not answered"))))
          .step("reserve", claim -> claim, with -> with.compensate("release", claim -> {}))
          .step("pay", claim -> claim.now(claim.state() + ", paid"))
          .build();

  @Test
  void aLargeClaimIsApproved() {
    DryResult<Claim> result =
        DryRun.of(CLAIM)
            .event(RECEIPT, "receipt 7")
            .answer("large/true/boss", new Approval(true, "ada", ""))
            .run(new Claim(300, "new"));

    assertThat(result.outputOrThrow().state()).isEqualTo("approved, paid");
    assertThat(result.completed()).contains("large/true/boss", "pay");
    assertThat(result.unused()).isEmpty();
  }

  static final Workflow<Claim, Claim> CLAIM_IN_A_BODY =
      Workflow.of(
          "claim_in_a_body",
          Claim.class,
          Claim.class,
          (claim, step) -> {
            String receipt = step.await(RECEIPT);
            Approval boss = step.ask("boss", Question.approval("Pay " + claim.euros() + " EUR?"));
            if (!boss.approved()) {
              return claim.now("refused");
            }
            String place = step.run("reserve", String.class, () -> "place 1");
            return claim.now(receipt + ", " + place);
          });

  @Test
  void aBodyGetsItsEventAndItsAnswer() {
    DryResult<Claim> result =
        DryRun.of(CLAIM_IN_A_BODY)
            .event(RECEIPT, "receipt 7")
            .answer("body/boss", new Approval(true, "ada", ""))
            .stub("body/reserve", nothing -> "place 2")
            .run(new Claim(300, "new"));

    assertThat(result.outputOrThrow().state()).isEqualTo("receipt 7, place 2");
    assertThat(result.completed()).contains("body/receipt", "body/boss", "body/reserve");
  }

  record Parcel(String sku, String receipt) {}

  static final Workflow<Claim, Claim> SHIPS =
      Workflow.of(
          "ships",
          Claim.class,
          Claim.class,
          (claim, step) -> {
            List<String> skus = List.of("desk", "lamp");
            List<Parcel> parcels =
                step.forEach(
                        "ship",
                        Parcel.class,
                        skus,
                        (sku, each) ->
                            each.run("parcel", Parcel.class, () -> new Parcel(sku, "real")))
                    .completed();
            return claim.now(parcels.getFirst().receipt() + ", " + parcels.getLast().receipt());
          });

  @Test
  void theSecondParcelIsAStub() {
    DryResult<Claim> result =
        DryRun.of(SHIPS)
            .stub("body/ship/parcel", nothing -> new Parcel("?", "sent"))
            .stub("body/ship[1]/parcel", nothing -> new Parcel("lamp", "lost"))
            .run(new Claim(300, "new"));

    assertThat(result.outputOrThrow().state()).isEqualTo("sent, lost");
    assertThat(result.unused()).isEmpty();
  }

  static final Workflow<Void, String> NIGHTLY =
      Workflow.of(
          "nightly_report",
          Void.class,
          String.class,
          (nothing, step) -> {
            ExecutionInfo info = step.execution();
            return info.tags().get("region") + " until " + info.scheduledFor();
          });

  @Test
  void theReportIsForItsTick() {
    DryResult<String> result =
        DryRun.of(NIGHTLY)
            .schedule("nightly", Instant.parse("2026-03-01T02:00:00Z"))
            .tag("region", "north")
            .run(null);

    assertThat(result.outputOrThrow()).isEqualTo("north until 2026-03-01T02:00:00Z");
  }

  @Test
  void nobodyAnswers() {
    DryResult<Claim> result =
        DryRun.of(CLAIM).event(RECEIPT, "receipt 7").run(new Claim(300, "new"));

    assertThat(result.outputOrThrow().state()).isEqualTo("not answered, paid");
    assertThat(result.time()).isEqualTo(Duration.ofDays(3));
  }

  @Test
  void theReceiptIsMissing() {
    DryResult<Claim> result = DryRun.of(CLAIM).run(new Claim(20, "new"));

    assertThat(result.status()).isEqualTo(ExecutionStatus.WAITING);
    assertThat(result.waitsFor()).hasValue("event 'receipt' at 'receipt/receipt'");
  }

  @Test
  void aFailedPaymentReleasesTheReserve() {
    DryResult<Claim> result =
        DryRun.of(CLAIM)
            .event(RECEIPT, "receipt 7")
            .stub(
                "pay",
                claim -> {
                  throw new NonRetryableException("The account is closed.");
                })
            .run(new Claim(20, "new"));

    assertThat(result.status()).isEqualTo(ExecutionStatus.COMPENSATED);
    assertThat(result.compensated()).containsExactly("reserve~release");
  }
}
