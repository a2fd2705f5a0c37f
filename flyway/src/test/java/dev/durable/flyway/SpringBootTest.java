package dev.durable.flyway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.migration.DurableMigration;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Spring Boot's own Flyway runs the migrations of {@code db.migration} before Durable starts. */
class SpringBootTest {

  @Configuration
  @EnableAutoConfiguration
  static class Application {

    @Bean(destroyMethod = "close")
    @DependsOnDatabaseInitialization
    Durable durable(DataSource dataSource) {
      return Durable.on(dataSource).build();
    }
  }

  @Test
  void theApplicationStartsOnMigratedTables() {
    TestDatabase db = new TestDatabase();
    try (ConfigurableApplicationContext context =
        new SpringApplicationBuilder(Application.class)
            .initializers(
                application ->
                    application.getBeanFactory().registerSingleton("dataSource", db.dataSource()))
            .properties("spring.main.banner-mode=off", "spring.main.web-application-type=none")
            .run()) {
      assertThat(context.getBean(Durable.class)).isNotNull();
      assertThat(DurableMigration.on(db.dataSource()).pendingVersions()).isEmpty();
    }
    assertThat(db.rows("select version from flyway_schema_history where success order by 1"))
        .contains("1", "2", "3", "4");
  }
}
