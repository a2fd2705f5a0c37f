package dev.durable.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.embedded.EmbeddedPostgresException.Reason;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("newest")
class EmbeddedPostgresTest {

  /** What needs a running server, and leaves it as it was. */
  @Nested
  class Running {
    private static EmbeddedPostgres postgres;

    @BeforeAll
    static void start() {
      postgres = EmbeddedPostgres.temporary();
    }

    @AfterAll
    static void stop() {
      postgres.close();
    }

    @Test
    void isTheVersionThatTheBuildChose() throws Exception {
      int expected = Integer.getInteger("durable.test.postgres", 18);
      assertThat(postgres.majorVersion()).isEqualTo(expected);
      assertThat(Sql.query(postgres.dataSource(), "show server_version"))
          .startsWith(expected + ".");
    }

    @Test
    void speaksUtf8() throws Exception {
      assertThat(Sql.query(postgres.dataSource(), "select 'Grüße, 世界 🎉'"))
          .isEqualTo("Grüße, 世界 🎉");
    }

    @Test
    void refusesAWrongPasswordAndNone() {
      String url = postgres.jdbcUrl("postgres");
      for (String wrong : List.of("wrong", "postgres", "")) {
        assertThatThrownBy(() -> DriverManager.getConnection(url, postgres.user(), wrong).close())
            .isInstanceOf(SQLException.class);
      }
    }

    @Test
    void acceptsUrlUserAndPassword() throws Exception {
      DriverManager.getConnection(
              postgres.jdbcUrl("postgres"), postgres.user(), postgres.password())
          .close();
    }

    @Test
    void listensOnLoopbackOnly() throws Exception {
      for (InetAddress address : addressesOfThisMachine()) {
        assertThatThrownBy(() -> connect(address, postgres.port()))
            .as("connecting to %s", address)
            .isInstanceOf(java.io.IOException.class);
      }
      connect(InetAddress.getLoopbackAddress(), postgres.port());
    }

    @Test
    void keepsThePasswordForItsOwner() throws Exception {
      Path file = postgres.dataDir().resolve("password");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
      assertThat(Files.readString(file).strip()).isEqualTo(postgres.password()).hasSize(32);
    }

    @Test
    void isFastNotDurable() throws Exception {
      assertThat(Sql.query(postgres.dataSource(), "show fsync")).isEqualTo("off");
    }

    @Test
    void makesAndDropsDatabases() throws Exception {
      DataSource odd = postgres.createDatabase("odd \"name/ü");
      Sql.execute(odd, "create table t as select 7 as n");
      DataSource copy = postgres.createDatabase("copy", "odd \"name/ü");
      assertThat(Sql.query(copy, "select n from t")).isEqualTo("7");
      assertThat(
              DriverManager.getConnection(
                      postgres.jdbcUrl("odd \"name/ü"), postgres.user(), postgres.password())
                  .getCatalog())
          .isEqualTo("odd \"name/ü");

      assertThatThrownBy(() -> postgres.createDatabase("copy"))
          .isInstanceOf(EmbeddedPostgresException.class)
          .hasMessageContaining("already exists");

      postgres.dropDatabase("copy");
      postgres.dropDatabase("copy");
      assertThatThrownBy(() -> Sql.query(copy, "select 1"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("does not exist");
    }

    private static List<InetAddress> addressesOfThisMachine() throws Exception {
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
          .toList();
    }

    private static void connect(InetAddress address, int port) throws Exception {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(address, port), 1_000);
      }
    }
  }

  @Nested
  class DataFolders {
    @TempDir Path folder;

    @Test
    void surviveRestartsWithTheirData() throws Exception {
      String password;
      try (EmbeddedPostgres first = EmbeddedPostgres.start(folder)) {
        assertThat(first.isReused()).isFalse();
        password = first.password();
        Sql.execute(first.dataSource(), "create table t as select 7 as n");
      }
      try (EmbeddedPostgres second = EmbeddedPostgres.start(folder)) {
        assertThat(second.isReused()).isFalse();
        assertThat(second.password()).isEqualTo(password);
        assertThat(Sql.query(second.dataSource(), "select n from t")).isEqualTo("7");

        DataSource before = second.dataSource();
        long process = second.processId();
        int port = second.port();
        second.restart();
        assertThat(second.processId()).isNotEqualTo(process);
        assertThat(second.port()).isEqualTo(port);
        assertThat(Sql.query(before, "select n from t")).isEqualTo("7");
      }
    }

    @Test
    void areDurableByDefaultAndTakeSettings() throws Exception {
      Path spaced = folder.resolve("it's a folder, with spaces");
      try (EmbeddedPostgres postgres =
          EmbeddedPostgres.builder()
              .dataDir(spaced)
              .setting("shared_buffers", "64MB")
              .setting("application_name", "it's \\ quoted")
              .start()) {
        DataSource dataSource = postgres.dataSource();
        assertThat(Sql.query(dataSource, "show fsync")).isEqualTo("on");
        assertThat(Sql.query(dataSource, "show synchronous_commit")).isEqualTo("on");
        assertThat(Sql.query(dataSource, "show full_page_writes")).isEqualTo("on");
        assertThat(Sql.query(dataSource, "show shared_buffers")).isEqualTo("64MB");
      }
    }

    @Test
    void serveASecondCallerAsAGuest() throws Exception {
      try (EmbeddedPostgres owner = EmbeddedPostgres.start(folder)) {
        try (EmbeddedPostgres guest = EmbeddedPostgres.start(folder)) {
          assertThat(guest.isReused()).isTrue();
          assertThat(guest.processId()).isEqualTo(owner.processId());
        }
        assertThat(Sql.query(owner.dataSource(), "select 1")).isEqualTo("1");
      }
    }

    /** The snippet of docs/getting-started.md. */
    @Test
    void areReachedByOtherProgramsAtAPortOfOnesChoice() throws Exception {
      int port;
      try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = free.getLocalPort();
      }
      try (EmbeddedPostgres postgres =
          EmbeddedPostgres.builder().dataDir(folder).port(port).start()) {
        DataSource orders = postgres.createDatabase("orders");
        String url = postgres.jdbcUrl("orders");
        String user = postgres.user();
        String password = postgres.password();

        Sql.execute(orders, "create table t as select 7 as n");
        DriverManager.getConnection(url, user, password).close();
        assertThat(url).isEqualTo("jdbc:postgresql://127.0.0.1:" + port + "/orders");
        assertThat(user).isEqualTo("postgres");
        assertThat(folder.resolve("password")).content().isEqualToIgnoringWhitespace(password);
      }
    }

    @Test
    void canBeLeftRunning() throws Exception {
      EmbeddedPostgres first =
          EmbeddedPostgres.builder().dataDir(folder).stopOnClose(false).start();
      first.close();
      try (EmbeddedPostgres second = EmbeddedPostgres.start(folder)) {
        assertThat(second.isReused()).isTrue();
        assertThat(second.processId()).isEqualTo(first.processId());
      }
      assertThat(folder.resolve("pg/postmaster.pid")).doesNotExist();
    }

    @Test
    void recoverWhenTheServerWasKilled() throws Exception {
      try (EmbeddedPostgres first = EmbeddedPostgres.start(folder)) {
        Sql.execute(first.dataSource(), "create table t as select 7 as n");
        ProcessHandle server = ProcessHandle.of(first.processId()).orElseThrow();
        server.destroyForcibly();
        server.onExit().get();
      }
      try (EmbeddedPostgres second = EmbeddedPostgres.start(folder)) {
        assertThat(Sql.query(second.dataSource(), "select n from t")).isEqualTo("7");
      }
    }

    @Test
    void beginAnewAfterAnUnfinishedStart() throws Exception {
      Files.createDirectories(folder.resolve("pg.new/base"));
      try (EmbeddedPostgres postgres = EmbeddedPostgres.start(folder)) {
        assertThat(Sql.query(postgres.dataSource(), "select 1")).isEqualTo("1");
      }
    }
  }

  @Nested
  class KilledJvm {
    @TempDir Path folder;

    @Test
    void leavesAServerThatIsTakenOver() throws Exception {
      Path data = folder.resolve("data");
      Path output = folder.resolve("output");
      assertThat(HaltedJvm.start(output, data.toString()).waitFor()).isEqualTo(1);
      long leftOver = Long.parseLong(Files.readString(output).split(" ", -1)[0]);

      try (EmbeddedPostgres postgres = EmbeddedPostgres.start(data)) {
        assertThat(postgres.isReused()).isTrue();
        assertThat(postgres.processId()).isEqualTo(leftOver);
        assertThat(Sql.query(postgres.dataSource(), "select answer from survivors"))
            .isEqualTo("42");
      }
      assertThat(ProcessId.alive(leftOver)).isEmpty();
    }

    @Test
    void leavesAServerThatIsRestartedForOtherSettings() throws Exception {
      Path data = folder.resolve("data");
      Path output = folder.resolve("output");
      assertThat(HaltedJvm.start(output, data.toString()).waitFor()).isEqualTo(1);

      try (EmbeddedPostgres postgres =
          EmbeddedPostgres.builder().dataDir(data).setting("work_mem", "17MB").start()) {
        assertThat(postgres.isReused()).isFalse();
        assertThat(Sql.query(postgres.dataSource(), "show work_mem")).isEqualTo("17MB");
        assertThat(Sql.query(postgres.dataSource(), "select answer from survivors"))
            .isEqualTo("42");
      }
    }

    @Test
    void whileAliveIsTheOwner() throws Exception {
      Path data = folder.resolve("data");
      Path output = folder.resolve("output");
      Process other = HaltedJvm.start(output, data.toString(), "wait");
      try {
        while (!Files.exists(output) || !Files.readString(output).contains("\n")) {
          assertThat(other.isAlive()).isTrue();
          Thread.onSpinWait();
        }
        try (EmbeddedPostgres guest = EmbeddedPostgres.start(data)) {
          assertThat(guest.isReused()).isTrue();
          assertThat(Sql.query(guest.dataSource(), "select answer from survivors")).isEqualTo("42");
        }
        assertThat(data.resolve("pg/postmaster.pid")).exists();
      } finally {
        other.destroyForcibly().waitFor();
      }
      EmbeddedPostgres.start(data).close();
      assertThat(data.resolve("pg/postmaster.pid")).doesNotExist();
    }

    @Test
    void isStoppedByAThreadThatWasInterrupted() {
      EmbeddedPostgres postgres = EmbeddedPostgres.temporary();
      Thread.currentThread().interrupt();
      postgres.close();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(postgres.dataDir()).doesNotExist();
    }

    @Test
    void leavesATemporaryFolderThatIsClearedAway() throws Exception {
      Path output = folder.resolve("output");
      assertThat(HaltedJvm.start(output, "temporary").waitFor()).isEqualTo(1);
      String[] said = Files.readString(output).strip().split(" ", 2);

      try (EmbeddedPostgres postgres = EmbeddedPostgres.temporary()) {
        assertThat(Path.of(said[1])).doesNotExist();
        assertThat(ProcessId.alive(Long.parseLong(said[0]))).isEmpty();
        assertThat(postgres.dataDir()).exists();
      }
    }
  }

  @Nested
  class Refusals {
    @TempDir Path folder;

    @Test
    void portTaken() throws Exception {
      try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        int port = taken.getLocalPort();
        assertRefused(
            Reason.PORT_TAKEN,
            EmbeddedPostgres.builder().dataDir(folder).port(port),
            String.valueOf(port));
      }
    }

    @Test
    void foreignFolder() throws Exception {
      Files.writeString(folder.resolve("thesis.doc"), "precious");
      assertRefused(Reason.FOREIGN_FOLDER, at(folder), "thesis.doc");
      assertThat(folder.resolve("thesis.doc")).hasContent("precious");
      try (Stream<Path> files = Files.list(folder)) {
        assertThat(files).hasSize(1);
      }
    }

    @Test
    void aFileInsteadOfAFolder() throws Exception {
      Path file = Files.writeString(folder.resolve("file"), "");
      assertRefused(Reason.NOT_WRITABLE, at(file), "file");
      assertRefused(Reason.NOT_WRITABLE, at(file.resolve("below")), "below");
    }

    @Test
    void dataOfAnotherUser() throws Exception {
      org.junit.jupiter.api.Assumptions.assumeTrue(
          System.getProperty("user.name").equals("root"), "only root can give files away");
      EmbeddedPostgres.start(folder).close();
      Files.setOwner(
          folder.resolve("pg"),
          folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
      assertRefused(Reason.WRONG_OWNER, at(folder), "nobody");
    }

    @Test
    void dataOfAnotherMajorVersion() throws Exception {
      EmbeddedPostgres.start(folder).close();
      Files.writeString(folder.resolve("pg/PG_VERSION"), "13\n");
      assertRefused(Reason.OTHER_MAJOR_VERSION, at(folder), "13");
    }

    @Test
    void damagedData() throws Exception {
      EmbeddedPostgres.start(folder).close();
      Files.delete(folder.resolve("pg/global/pg_control"));
      assertRefused(Reason.CORRUPT_FOLDER, at(folder), "pg_control");
      Files.delete(folder.resolve("pg/PG_VERSION"));
      assertRefused(Reason.CORRUPT_FOLDER, at(folder), "PG_VERSION");
    }

    @Test
    void lostOrWrongPassword() throws Exception {
      EmbeddedPostgres.start(folder).close();
      Files.writeString(folder.resolve("password"), "something else");
      assertRefused(Reason.PASSWORD_REFUSED, at(folder), "password");
      assertThat(folder.resolve("pg/postmaster.pid")).doesNotExist();
      Files.delete(folder.resolve("password"));
      assertRefused(Reason.CORRUPT_FOLDER, at(folder), "password");
    }

    @Test
    void unknownSetting() {
      EmbeddedPostgresBuilder builder = at(folder).setting("no_such_setting", "1");
      assertRefused(Reason.SERVER_FAILED, builder, "no_such_setting");
    }

    @Test
    void folderWithoutPostgres() {
      assertRefused(
          Reason.SERVER_FAILED, at(folder.resolve("data")).binaries(folder), "bin/postgres");
    }

    @Test
    void platformWithoutBinaries() {
      assertThatThrownBy(() -> BinariesArchive.unpacked(Platform.of("Solaris", "sparc")))
          .hasMessageContaining("solaris on sparc")
          .extracting(thrown -> ((EmbeddedPostgresException) thrown).reason())
          .isEqualTo(Reason.UNSUPPORTED_PLATFORM);
    }

    @Test
    void wrongUseOfTheBuilder() {
      EmbeddedPostgresBuilder builder = EmbeddedPostgres.builder();
      assertThatThrownBy(() -> builder.port(70_000)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> builder.setting("listen_addresses", "*"))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> builder.setting("a b", "x"))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> builder.setting("work_mem", "1\nport=1"))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(builder::start).isInstanceOf(IllegalStateException.class);
    }

    private static EmbeddedPostgresBuilder at(Path folder) {
      return EmbeddedPostgres.builder().dataDir(folder);
    }

    private static void assertRefused(
        Reason reason, EmbeddedPostgresBuilder builder, String mentioned) {
      assertThatThrownBy(builder::start)
          .isInstanceOf(EmbeddedPostgresException.class)
          .hasMessageContaining(mentioned)
          .extracting(thrown -> ((EmbeddedPostgresException) thrown).reason())
          .isEqualTo(reason);
    }
  }
}
