#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "broker/agreement_loader.h"
#include "broker/store/acts_table.h"
#include "broker/store/agreements_table.h"
#include "broker/store/sqlite_store.h"
#include "crypto/sha.h"
#include "policy/check.h"
#include "policy/decide.h"
#include "tests/bench/parts.h"

namespace entente::bench {
namespace {

constexpr size_t kAgreements = 10'000;
constexpr int kLoads = 3;        // of which the median counts
constexpr size_t kChanges = 20;  // of which the slowest counts
constexpr double kMiB = 1 << 20;

using Steady = std::chrono::steady_clock;

double TookSince(Steady::time_point begin) {
  return std::chrono::duration<double>(Steady::now() - begin).count();
}

double ResidentMiB() {
  std::ifstream statm("/proc/self/statm");
  size_t all = 0;
  size_t resident = 0;
  statm >> all >> resident;
  return double(resident) * double(sysconf(_SC_PAGESIZE)) / kMiB;
}

std::string IdOf(const policy::Agreement& like, size_t number) {
  return absl::StrCat(like.id, "-", number);
}

absl::Status WriteTo(
    broker::Store* store,
    absl::FunctionRef<absl::Status(broker::Transaction&)> work) {
  return store->Write(work, [] { return absl::OkStatus(); });
}

// One version as it is after every signature and the activation.
absl::Status PutActive(broker::Transaction& transaction,
                       const policy::CheckResult& like, const std::string& id) {
  broker::AgreementsTable table(transaction);
  const std::string document = absl::StrReplaceAll(
      like.canonical, {{absl::StrCat("\"id\":\"", like.agreement->id, "\""),
                        absl::StrCat("\"id\":\"", id, "\"")}});
  const crypto::Hash digest = crypto::Sha256(document);
  broker::AgreementRow row;
  row.id = id;
  row.version = 1;
  row.document.assign(document.begin(), document.end());
  row.digest.assign(digest.begin(), digest.end());
  row.state = broker::AgreementState::kActive;
  row.proposed_by = "spiffe://bench.example/agency/north/signatory/a";
  std::vector<std::string> parties;
  for (const auto& [party, unused] : like.agreement->parties) {
    parties.push_back(party);
  }
  absl::Status put = table.Insert(row, parties);
  for (const policy::Signatory& line : like.agreement->signatories) {
    if (!put.ok()) return put;
    broker::SignatureRow signature;
    signature.party = line.party;
    signature.role = line.role;
    signature.name = line.name;
    // Shorter than a real one, which is not looked at here.
    signature.envelope.assign(512, 'x');
    put = table.InsertSignature(id, 1, signature);
  }
  return put.ok() ? table.SetActivationEntry(id, 1, 1) : put;
}

absl::Status Fill(broker::Store* store, const policy::CheckResult& like) {
  return WriteTo(store, [&](broker::Transaction& transaction) {
    absl::Status put;
    for (size_t i = 0; i < kAgreements && put.ok(); ++i) {
      put = PutActive(transaction, like, IdOf(*like.agreement, i));
    }
    return put;
  });
}

// What nobody who loads them can leave out: the same rows read, hashed, and
// read as JSON by nlohmann, on one core.
absl::StatusOr<double> SecondsOfFloor(broker::Store* store,
                                      const policy::Agreement& like) {
  const auto begin = Steady::now();
  const absl::Status read =
      store->Read([&](broker::Transaction& transaction) -> absl::Status {
        broker::AgreementsTable table(transaction);
        for (size_t i = 0; i < kAgreements; ++i) {
          const auto row = table.Get(IdOf(like, i), 1);
          if (!row.ok()) return row.status();
          const crypto::Hash digest = crypto::Sha256(row->document);
          const bool same = std::equal(digest.begin(), digest.end(),
                                       row->digest.begin(), row->digest.end());
          const auto json = nlohmann::json::parse(row->document);
          if (!same || json.at("version") != 1) {
            return absl::InternalError("a row is not as it was written");
          }
        }
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  return TookSince(begin);
}

// A broker's agreements, without the rest of it.
struct Loaded {
  broker::PolicyRegister agreements;
  broker::Context context;
};

absl::StatusOr<double> SecondsToLoad(broker::Store* store, Loaded* loaded) {
  loaded->context.store = store;
  loaded->context.agreements = &loaded->agreements;
  const auto begin = Steady::now();
  const absl::Status done = broker::LoadAgreements(loaded->context);
  const double seconds = TookSince(begin);
  if (!done.ok()) return done;
  if (loaded->agreements.Get()->size() != kAgreements) {
    return absl::InternalError("not every agreement was loaded");
  }
  return seconds;
}

// From a party's suspension, committed, to the decision that knows of it.
absl::StatusOr<double> SecondsToSuspend(const policy::CheckResult& like,
                                        const std::string& id, Loaded* loaded) {
  broker::ActRow act;
  act.agreement = id;
  act.digest.assign(32, 1);
  act.kind = certs::ActKind::kSuspend;
  act.agency = like.agreement->parties.begin()->first;
  act.stands = true;
  const absl::Status written =
      WriteTo(loaded->context.store, [&](broker::Transaction& transaction) {
        return broker::ActsTable(transaction).Insert(act);
      });
  if (!written.ok()) return written;
  const policy::Flow& flow = like.agreement->flows.front();
  policy::Request request;
  request.agreement = id;
  request.version = 1;
  request.caller = request.sender = flow.from.front();
  const auto begin = Steady::now();
  if (absl::Status seen = broker::ReloadAgreement(loaded->context, id);
      !seen.ok()) {
    return seen;
  }
  const policy::Decision decision = policy::Decide(
      *loaded->agreements.Get(), like.agreement->valid.FromInstant(), request);
  const double seconds = TookSince(begin);
  const bool told =
      std::any_of(decision.failures.begin(), decision.failures.end(),
                  [](const policy::Failure& failure) {
                    return failure.reason == policy::Reason::kSuspended;
                  });
  if (!told) return absl::InternalError("a suspension was not seen");
  return seconds;
}

absl::StatusOr<double> SlowestChange(const policy::CheckResult& like,
                                     Loaded* loaded) {
  double slowest = 0;
  for (size_t i = 0; i < kChanges; ++i) {
    const auto took = SecondsToSuspend(
        like, IdOf(*like.agreement, i * (kAgreements / kChanges)), loaded);
    if (!took.ok()) return took.status();
    slowest = std::max(slowest, *took);
  }
  return slowest;
}

}  // namespace

absl::Status MeasureRegisters(const std::string& templates,
                              const std::string& folder,
                              std::vector<Line>* lines) {
  const auto like = ReadTemplate(templates);
  if (!like.ok()) return like.status();
  auto store = broker::SqliteStore::Open(
      std::filesystem::path(folder) / "registers.db", 2);
  if (!store.ok()) return store.status();
  absl::Status done = Fill(store->get(), *like);
  if (!done.ok()) return done;
  std::vector<double> loads;
  std::vector<double> floors;
  auto loaded = std::make_unique<Loaded>();
  double memory = 0;
  for (int i = 0; i < kLoads; ++i) {
    const auto floor = SecondsOfFloor(store->get(), *like->agreement);
    if (!floor.ok()) return floor.status();
    floors.push_back(*floor);
    loaded = std::make_unique<Loaded>();
    malloc_trim(0);
    const double before = ResidentMiB();
    const auto load = SecondsToLoad(store->get(), loaded.get());
    if (!load.ok()) return load.status();
    loads.push_back(*load);
    memory = ResidentMiB() - before;
  }
  std::sort(loads.begin(), loads.end());
  std::sort(floors.begin(), floors.end());
  const auto slowest = SlowestChange(*like, loaded.get());
  if (!slowest.ok()) return slowest.status();
  const double floor = floors[kLoads / 2];
  lines->push_back(
      {"register_load_10000", "agreements loaded, of 10,000 (asked: in 1 s)",
       kAgreements / loads[kLoads / 2], "per s", kAgreements / floor,
       "rows read, hashed, parsed by nlohmann, one core"});
  lines->push_back({"register_memory_10000", "memory of 10,000 agreements",
                    memory, "MiB",
                    double(kAgreements * like->canonical.size()) / kMiB,
                    "their canonical bytes"});
  lines->push_back({"register_change_10000",
                    "changes seen, slowest of 20 (asked: 0.1 s)", 1 / *slowest,
                    "per s", kAgreements / floor, "one row, as in loading"});
  return absl::OkStatus();
}

}  // namespace entente::bench
