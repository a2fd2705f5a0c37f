package dev.durable.internal.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.internal.node.Slots.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
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
  @DisplayName("as many may be on their way out as may run, and no more")
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
  @DisplayName("whoever waits for a slot hears of the first that can be had, once for each")
  void tellsThatOneIsFree() {
    AtomicInteger told = new AtomicInteger();
    slots.onFree(told::incrementAndGet);
    Slot first = take();
    Slot second = take();
    first.free();
    assertThat(told).as("nothing waits").hasValue(0);
    slots.backlog("q", true);
    second.leaving();
    second.free();
    assertThat(told).hasValue(1);
  }

  private Slot take() {
    @Nullable Slot slot = slots.tryTake("q");
    assertThat(slot).isNotNull();
    return slot;
  }
}
