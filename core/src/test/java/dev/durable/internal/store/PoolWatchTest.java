package dev.durable.internal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.DatabaseUnavailableException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A pool that is too small")
class PoolWatchTest {

  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1);
  private final PoolWatch watch = new PoolWatch(clock::get);

  @Test
  @DisplayName("is told of when a connection was waited for, once a minute at the most")
  void isToldOfOnceAMinute() {
    assertThat(waited(Duration.ofMillis(999))).isFalse();
    assertThat(waited(Duration.ofSeconds(1))).isTrue();
    assertThat(waited(Duration.ofSeconds(30))).isFalse();
    assertThat(waited(Duration.ofSeconds(29))).isFalse();
    assertThat(waited(Duration.ofSeconds(1))).isTrue();
  }

  @Test
  void isNoticedByWhoeverAsksForAConnection() {
    Connection connection = proxy(Connection.class, (proxy, method, args) -> true);
    DataSource slow =
        proxy(
            DataSource.class,
            (proxy, method, args) -> {
              clock.addAndGet(Duration.ofSeconds(2).toNanos());
              return connection;
            });

    new Database(slow, watch).within(Duration.ZERO).call("ask", asked -> true);

    assertThat(waited(Duration.ofSeconds(2))).as("told again within a minute").isFalse();
  }

  @Test
  void isNoticedByWhoeverGetsNone() {
    DataSource empty =
        proxy(
            DataSource.class,
            (proxy, method, args) -> {
              clock.addAndGet(Duration.ofSeconds(30).toNanos());
              throw new SQLTransientConnectionException("timed out");
            });

    assertThatThrownBy(() -> new Database(empty, watch).call("ask", asked -> true))
        .isInstanceOf(DatabaseUnavailableException.class);

    assertThat(waited(Duration.ofSeconds(2))).as("told again within a minute").isFalse();
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private boolean waited(Duration time) {
    long begin = watch.begin();
    clock.addAndGet(time.toNanos());
    return watch.end(begin);
  }
}
