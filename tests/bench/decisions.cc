#include <benchmark/benchmark.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <random>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/check.h"
#include "policy/decide.h"
#include "policy/naive_decide.h"
#include "tests/bench/parts.h"

namespace entente::bench {
namespace {

struct Agreements {
  std::shared_ptr<const policy::Register> known;
  std::vector<std::string> ids;  // in a random order
  absl::Time now;
};

Agreements Make(const policy::Agreement& like, size_t count) {
  Agreements made;
  std::vector<policy::AgreementRecord> records;
  for (size_t i = 0; i < count; ++i) {
    policy::Agreement agreement = like;
    agreement.id = absl::StrCat(like.id, "-", i);
    policy::AgreementRecord record;
    record.id = agreement.id;
    made.ids.push_back(agreement.id);
    made.now = agreement.valid.FromInstant() + absl::Hours(1);
    record.versions[1] = {
        *policy::CompiledAgreement::Create(std::move(agreement), {}), {}, true};
    records.push_back(std::move(record));
  }
  made.known = policy::Register::Create(std::move(records));
  std::shuffle(made.ids.begin(), made.ids.end(), std::mt19937(7));
  // Written anew, so that of the two only the register is read at random.
  made.ids = std::vector<std::string>(made.ids);
  return made;
}

// What the template's flow crimes-for-analysis allows.
policy::Request Fitting() {
  policy::Request request;
  request.version = 1;
  request.caller = request.sender = "northmere-police";
  request.recipient = "westvale-police";
  request.purpose = "tasking-analysis";
  request.dataset = "burglary-crimes";
  request.flow = "crimes-for-analysis";
  request.method = policy::Method::kSubscribe;
  request.fields = {"offence_code", "offence_from", "easting", "northing",
                    "method_codes"};
  request.pseudonyms = {{"crime_ref", "opaque/1:crime_ref"}};
  request.carried = {policy::Requirement::kJustification};
  request.records = 256;
  return request;
}

using Decider = policy::Decision (*)(const policy::Register&, absl::Time,
                                     const policy::Request&);

absl::StatusOr<double> PerSecond(const char* name, const Agreements& agreements,
                                 Decider decide, double seconds) {
  policy::Request request = Fitting();
  size_t next = 0;
  bool allowed = true;
  const double each = CpuSecondsEach(name, seconds, [&] {
    request.agreement = agreements.ids[next];
    if (++next == agreements.ids.size()) next = 0;
    const policy::Decision decision =
        decide(*agreements.known, agreements.now, request);
    allowed = allowed && decision.allowed();
    benchmark::DoNotOptimize(decision.flow);
  });
  if (!allowed) return absl::InternalError("a fitting request was denied");
  return 1 / each;
}

}  // namespace

absl::StatusOr<policy::CheckResult> ReadTemplate(const std::string& templates) {
  std::ifstream file(absl::StrCat(templates, "/inter-force-burglary.yaml"));
  std::stringstream text;
  text << file.rdbuf();
  policy::CheckResult checked =
      policy::Check("inter-force-burglary.yaml", text.str());
  if (!checked.ok()) return absl::InternalError(checked.report);
  return checked;
}

absl::Status MeasureDecisions(const std::string& templates, double seconds,
                              std::vector<Line>* lines) {
  const auto checked = ReadTemplate(templates);
  if (!checked.ok()) return checked.status();
  for (const size_t count : {size_t{10}, size_t{1000}, size_t{10000}}) {
    const Agreements agreements = Make(*checked->agreement, count);
    const auto compiled =
        PerSecond("decide", agreements, policy::Decide, seconds);
    if (!compiled.ok()) return compiled.status();
    const auto naive =
        PerSecond("naive", agreements, policy::NaiveDecide, seconds);
    if (!naive.ok()) return naive.status();
    lines->push_back({absl::StrCat("decisions_", count),
                      absl::StrCat("decisions, ", count, " agreements"),
                      *compiled, "per s and core", *naive,
                      "the same by the naive evaluator"});
  }
  return absl::OkStatus();
}

}  // namespace entente::bench
