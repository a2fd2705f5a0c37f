package dev.durable.internal.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.internal.worker.Slots.Slot;
import dev.durable.testing.Proves;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SlotsTest {

  private final Slots slots = new Slots(Map.of("q", 2));

  @Test
  void noMoreAreTakenThanThereAre() {
    Slot first = take();
    assertThat(slots.tryTake("q")).isNotNull();
    assertThat(slots.tryTake("q")).isNull();
    first.free();
    assertThat(slots.tryTake("q")).isNotNull();
  }

  @Test
  @DisplayName("At most as many executions may be leaving as may run")
  void asManyLeaveAsMayRun() {
    List<Slot> leaving = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Slot slot = take();
      slot.leaving();
      slot.leaving();
      leaving.add(slot);
    }
    Slot third = take();
    Slot fourth = take();
    third.leaving();
    assertThat(slots.tryTake("q")).as("two are leaving already").isNull();
    leaving.getFirst().free();
    fourth.leaving();
    assertThat(slots.tryTake("q")).as("one has left").isNotNull();
  }

  @Test
  void twiceFreeIsOnceFree() {
    Slot slot = take();
    slot.leaving();
    slot.free();
    slot.free();
    take();
    take();
    assertThat(slots.tryTake("q")).isNull();
  }

  @Test
  @DisplayName("A thread that waits for a slot is notified once, of the first free one")
  void tellsThatOneIsFree() {
    AtomicInteger told = new AtomicInteger();
    slots.onFree(told::incrementAndGet, queue -> told.incrementAndGet());
    Slot first = take();
    Slot second = take();
    first.free();
    assertThat(told).as("nothing waits").hasValue(0);
    slots.backlog("q", true);
    second.leaving();
    second.free();
    assertThat(told).hasValue(1);
  }

  @Test
  @Proves("F2.7")
  @DisplayName("A slot that is freed while a claim finds none is always reserved or reported")
  void noSlotIsFreedUnheard() throws InterruptedException {
    AtomicReference<@Nullable Slot> toFree = new AtomicReference<>();
    AtomicBoolean over = new AtomicBoolean();
    Thread freeing =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!over.get()) {
                    Slot slot = toFree.get();
                    if (slot != null) {
                      slot.free();
                      toFree.set(null);
                    }
                    Thread.onSpinWait();
                  }
                });
    int lost = 0;
    for (int race = 0; race < 200_000; race++) {
      Slots one = new Slots(Map.of("q", 1));
      AtomicInteger told = new AtomicInteger();
      one.onFree(told::incrementAndGet, queue -> told.incrementAndGet());
      Slot slot = one.tryTake("q");
      toFree.set(slot);
      for (int spin = race % 64; spin > 0; spin--) {
        Thread.onSpinWait();
      }
      boolean reserved = !one.reserve(1).isEmpty();
      while (toFree.get() != null) {
        Thread.onSpinWait();
      }
      lost += reserved || told.get() > 0 ? 0 : 1;
    }
    over.set(true);
    freeing.join();
    assertThat(lost).as("slots freed of which nothing was heard").isZero();
  }

  @Test
  @Proves("F11.2")
  @DisplayName("A claimed execution counts until it has left")
  void whatWasClaimedWeighsUntilItHasLeft() {
    Slots weighed = new Slots(Map.of("q", 2), 100);
    Slot heavy = weighed.reserve(1).take("q");
    heavy.load(70, false);
    assertThat(weighed.bytesLeft()).isEqualTo(30);
    assertThat(weighed.holdsNothing()).isFalse();
    heavy.leaving();
    assertThat(weighed.bytesLeft()).isEqualTo(30);
    AtomicInteger told = new AtomicInteger();
    weighed.onFree(told::incrementAndGet, queue -> told.incrementAndGet());
    weighed.cramped(true);
    heavy.free();
    heavy.free();
    assertThat(told).hasValue(1);
    assertThat(weighed.bytesLeft()).isEqualTo(100);
    assertThat(weighed.holdsNothing()).isTrue();
  }

  private Slot take() {
    @Nullable Slot slot = slots.tryTake("q");
    assertThat(slot).isNotNull();
    return slot;
  }
}
