package dev.durable.internal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.DatabaseUnavailableException;
import dev.durable.Durable;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.PoolWatch;
import dev.durable.testing.TestDatabase;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

@DisplayName("Pools that are too small")
class PoolWatchTest {

  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1);
  private final PoolWatch watch = new PoolWatch(clock::get);

  @Test
  @DisplayName("A wait for a connection is logged at most once a minute")
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
  void isNoticedWhenNoneComesAtAll() {
    DataSource exhausted =
        proxy(
            DataSource.class,
            (proxy, method, args) -> {
              clock.addAndGet(Duration.ofSeconds(2).toNanos());
              throw new SQLTransientConnectionException("timed out");
            });

    assertThatThrownBy(() -> new Database(exhausted, watch).call("ask", asked -> true))
        .isInstanceOf(DatabaseUnavailableException.class);

    assertThat(waited(Duration.ofSeconds(2))).as("told again within a minute").isFalse();
  }

  @Test
  @DisplayName("An instance logs once that its pool is too small, with the remedy")
  void isToldOfOnceByAnInstance() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(PoolWatch.class);
    ListAppender<ILoggingEvent> told = new ListAppender<>();
    told.start();
    logger.setLevel(Level.WARN);
    logger.setAdditive(false);
    logger.addAppender(told);
    try (TestDatabase db = TestDatabase.migrated();
        HikariDataSource pool = ofTwo(db)) {
      try (Durable durable = Durable.on(pool).build();
          Connection one = pool.getConnection();
          Connection two = pool.getConnection()) {
        assertThat(List.of(one, two)).doesNotContainNull();
        List<CompletableFuture<?>> asked =
            Stream.<CompletableFuture<?>>generate(
                    () -> CompletableFuture.runAsync(() -> durable.find(new UUID(0, 0))))
                .limit(3)
                .toList();
        assertThat(asked)
            .allSatisfy(
                call -> assertThatThrownBy(call::join).hasMessageContaining("large enough"));
      }
    } finally {
      logger.detachAppender(told);
      logger.setLevel(null);
      logger.setAdditive(true);
    }
    assertThat(told.list)
        .singleElement()
        .satisfies(
            event ->
                assertThat(event.getFormattedMessage()).contains("keeps up to six", "ten or more"));
  }

  private static HikariDataSource ofTwo(TestDatabase db) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(db.url());
    config.setUsername(db.user());
    config.setPassword(db.password());
    config.setMaximumPoolSize(2);
    config.setConnectionTimeout(1_100);
    return new HikariDataSource(config);
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
