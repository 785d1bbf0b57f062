#include "tests/bench/parts.h"

#include <benchmark/benchmark.h>
#include <sodium.h>

#include <array>

#include "absl/strings/str_cat.h"

namespace entente::bench {
namespace {

class Capture : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      cpu_seconds_ = run.cpu_accumulated_time / double(run.iterations);
    }
  }
  double cpu_seconds() const { return cpu_seconds_; }

 private:
  double cpu_seconds_ = 0;
};

using Bytes32 = std::array<uint8_t, crypto_core_ristretto255_BYTES>;

}  // namespace

double CpuSecondsEach(const std::string& name, double seconds,
                      const std::function<void()>& body) {
  Capture capture;
  benchmark::ClearRegisteredBenchmarks();
  benchmark::RegisterBenchmark(name.c_str(), [&](benchmark::State& state) {
    for ([[maybe_unused]] auto round : state) body();
  })->MinTime(seconds);
  benchmark::RunSpecifiedBenchmarks(&capture, ".*");
  return capture.cpu_seconds();
}

std::string LedgerLine() {
  constexpr size_t kBytes = 300;
  return absl::StrCat("{\"n\":\"", std::string(kBytes - 8, 'x'), "\"}");
}

double HashesPerSecond(double seconds) {
  const std::string entry = LedgerLine();
  const std::string node(65, 'x');
  unsigned char hash[crypto_hash_sha256_BYTES];
  const double each = CpuSecondsEach("tree hashes", seconds, [&] {
    for (const std::string* bytes : {&entry, &node}) {
      crypto_hash_sha256(hash,
                         reinterpret_cast<const unsigned char*>(bytes->data()),
                         bytes->size());
    }
    benchmark::DoNotOptimize(hash);
  });
  return 1 / each;
}

RecordFloor MeasureFloor(double seconds) {
  Bytes32 scalar;
  Bytes32 p;
  Bytes32 q;
  Bytes32 out;
  crypto_core_ristretto255_scalar_random(scalar.data());
  crypto_core_ristretto255_random(p.data());
  crypto_core_ristretto255_random(q.data());
  std::array<uint8_t, crypto_core_ristretto255_HASHBYTES> hash;
  randombytes_buf(hash.data(), hash.size());
  const auto time =
      [&](const char* name,
          int (*operation)(uint8_t*, const uint8_t*, const uint8_t*),
          const uint8_t* a, const uint8_t* b) {
        return CpuSecondsEach(name, seconds, [&, a, b] {
          benchmark::DoNotOptimize(operation(out.data(), a, b));
        });
      };
  const double mul =
      time("mul", crypto_scalarmult_ristretto255, scalar.data(), p.data());
  const double add =
      time("add", crypto_core_ristretto255_add, p.data(), q.data());
  const double base = CpuSecondsEach("base", seconds, [&] {
    benchmark::DoNotOptimize(
        crypto_scalarmult_ristretto255_base(out.data(), scalar.data()));
  });
  const double from_hash = CpuSecondsEach("from_hash", seconds, [&] {
    benchmark::DoNotOptimize(
        crypto_core_ristretto255_from_hash(out.data(), hash.data()));
  });
  RecordFloor floor;
  floor.sender = base + mul + add;  // r·B, r·J, N + r·J
  floor.broker = 3 * mul + add;     // s·C1, s·C2, w·C1, and a difference
  floor.broker_proof = 2 * (mul + add);     // the weighted sums of C1 and C2
  floor.recipient = mul + add;              // y·R1, and a difference
  floor.recipient_proof = 4 * (mul + add);  // of C1, C2, R1 and R2
  // Hash, blind and unblind; evaluate; two weighted sums for the proof a side.
  floor.enrol_agency = from_hash + 2 * mul + 2 * (mul + add);
  floor.enrol_broker = mul + mul + add;
  return floor;
}

}  // namespace entente::bench
