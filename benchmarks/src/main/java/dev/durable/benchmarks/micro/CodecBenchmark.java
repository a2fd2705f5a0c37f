package dev.durable.benchmarks.micro;

import dev.durable.benchmarks.driver.Payload;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.codec.Payloads;
import dev.durable.json.JsonCodec;
import dev.durable.json.TypeRef;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Encodes and decodes the 300 bytes of JSON that the steps of other benchmarks return. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CodecBenchmark {

  private static final TypeRef<Payload> TYPE = TypeRef.of(Payload.class);

  private final JsonCodec codec = JsonCodec.jackson();
  private final Payloads payloads = new Payloads(codec, 1 << 20, 1 << 24);
  private final Payload value = Payload.of(1, 0);
  private final String json = codec.encode(value);

  /** The payload as JSON. */
  @Benchmark
  public String write() {
    return codec.encode(value);
  }

  /** The payload from JSON. */
  @Benchmark
  public @Nullable Payload read() {
    return codec.decode(json, TYPE);
  }

  /** The whole treatment of a step's result: written, checked, read back. */
  @Benchmark
  public JsonValue stepResult() {
    return payloads.prepare("result", value, TYPE);
  }
}
