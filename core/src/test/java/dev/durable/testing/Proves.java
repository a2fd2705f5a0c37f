package dev.durable.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the promises that a test would see broken: guarantees ({@code G6}), behaviours to keep
 * ({@code R-163}), weaknesses that must not come back ({@code B-20}), findings ({@code F2.1}),
 * decisions ({@code D8}) and issues ({@code issue 14}).
 *
 * <p>The pages docs/guarantees.md and docs/behaviours.md list the first three.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface Proves {

  /** Ids, or ranges of them such as {@code }. */
  String[] value();
}
