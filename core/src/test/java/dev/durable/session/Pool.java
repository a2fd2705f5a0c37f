package dev.durable.session;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import javax.sql.DataSource;
import org.apache.tomcat.jdbc.pool.PoolProperties;
import org.jspecify.annotations.Nullable;

/** The pools that the engine is tried with. */
enum Pool {
  /** Brings auto-commit, isolation, read-only and network timeout back by itself. */
  HIKARI {
    @Override
    Open open(DataSource sessions, Defaults defaults) {
      HikariConfig config = new HikariConfig();
      config.setDataSource(sessions);
      config.setMaximumPoolSize(SIZE);
      config.setConnectionTimeout(10_000);
      if (defaults.autoCommit() != null) {
        config.setAutoCommit(defaults.autoCommit());
      }
      if (defaults.readOnly() != null) {
        config.setReadOnly(defaults.readOnly());
      }
      if (defaults.isolation() != null) {
        config.setTransactionIsolation(defaults.isolation().name());
      }
      HikariDataSource pool = new HikariDataSource(config);
      return new Open(pool, pool::close);
    }
  },

  /** At its defaults hands a connection on as the last user left it. */
  TOMCAT {
    @Override
    Open open(DataSource sessions, Defaults defaults) {
      PoolProperties config = new PoolProperties();
      config.setDataSource(sessions);
      config.setMaxActive(SIZE);
      config.setMaxIdle(SIZE);
      config.setMinIdle(SIZE);
      config.setInitialSize(SIZE);
      config.setMaxWait(10_000);
      if (defaults.autoCommit() != null) {
        config.setDefaultAutoCommit(defaults.autoCommit());
      }
      if (defaults.readOnly() != null) {
        config.setDefaultReadOnly(defaults.readOnly());
      }
      if (defaults.isolation() != null) {
        config.setDefaultTransactionIsolation(defaults.isolation().level);
      }
      org.apache.tomcat.jdbc.pool.DataSource pool =
          new org.apache.tomcat.jdbc.pool.DataSource(config);
      return new Open(pool, () -> pool.close(true));
    }
  };

  /** How many connections each has. */
  static final int SIZE = 9;

  /** An isolation level, by the name that HikariCP knows it by. */
  enum Isolation {
    TRANSACTION_REPEATABLE_READ(4),
    TRANSACTION_SERIALIZABLE(8);

    private final int level;

    Isolation(int level) {
      this.level = level;
    }
  }

  /** What the pool is told to give each connection; null is the pool's own default. */
  record Defaults(
      @Nullable Boolean autoCommit, @Nullable Boolean readOnly, @Nullable Isolation isolation) {

    static final Defaults NONE = new Defaults(null, null, null);

    boolean commitsByItself() {
      return autoCommit == null || autoCommit;
    }
  }

  /** An open pool. */
  record Open(DataSource dataSource, Runnable end) implements AutoCloseable {
    @Override
    public void close() {
      end.run();
    }
  }

  abstract Open open(DataSource sessions, Defaults defaults);
}
