package dev.durable.internal.worker;

import dev.durable.internal.service.ServiceThread;
import dev.durable.internal.service.Services;
import dev.durable.internal.worker.ClaimRound.Look;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Claims due executions while slots are free: at once while a claim comes back full, when a slot
 * frees up in a queue with a backlog, on a hint, and when a known execution becomes due; otherwise
 * less and less often, down to the poll interval.
 *
 * <p>Where to look next: {@link ClaimRound} for one look, {@link ClaimPace} for how often it looks
 * and how much it claims, {@link NextLook} for what wakes it.
 */
final class Claimer {

  private static final Duration LAST_CLAIM = Duration.ofSeconds(10);

  private final ClaimRound claims;
  private final ClaimPace pace;
  private final NextLook next = new NextLook();
  private @Nullable ServiceThread thread;

  Claimer(ClaimRound claims, Slots slots, Duration pollInterval) {
    this.claims = claims;
    this.pace = new ClaimPace(pollInterval);
    slots.onFree(this::look, this::look);
  }

  void start(Services services) {
    thread = services.start("claimer", this::round, claims::giveBack);
  }

  /** Ends the thread; after this no more executions are claimed. */
  void stop() {
    ServiceThread started = thread;
    if (started != null) {
      started.stop();
      look();
      started.join(LAST_CLAIM);
    }
  }

  /** Looks now: there may be work. */
  void look() {
    claims.ask();
    next.now();
  }

  /** Looks now: there may be work in this queue. */
  void look(String queue) {
    claims.ask(queue);
    next.now();
  }

  /** Looks when this time has passed: an execution is due then. */
  void lookIn(Duration wait) {
    claims.askIn(wait);
    next.in(wait);
  }

  private boolean round(ServiceThread self) {
    Look look = lookOnce(self);
    if (look.full()) {
      return true;
    }
    self.rest();
    if (next.await(self, pace.pauseAfter(look.found()))) {
      pace.woken();
    } else {
      claims.giveBack();
    }
    return true;
  }

  private Look lookOnce(ServiceThread self) {
    try {
      Look look = claims.look(self, pace);
      if (look.nextDue() != null) {
        next.in(look.nextDue());
      }
      return look;
    } catch (Throwable failure) {
      claims.failed();
      pace.failed();
      throw failure;
    }
  }
}
