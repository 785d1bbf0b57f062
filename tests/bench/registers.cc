#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "broker/agreement_loader.h"
#include "broker/store/agreements_table.h"
#include "broker/store/sqlite_store.h"
#include "crypto/sha.h"
#include "policy/check.h"
#include "policy/diff_registers.h"
#include "policy/overlaps.h"
#include "tests/bench/parts.h"

namespace entente::bench {
namespace {

constexpr size_t kAgreements = 10'000;
constexpr size_t kChanged = 100;      // of them, from one register to the next
constexpr size_t kOverlapping = 200;  // of them, in pairs
// What is asked for: loaded in 1 s, compared in 0.5 s, looked over in 1 s.
constexpr double kLoadSeconds = 1;
constexpr double kDiffSeconds = 0.5;
constexpr double kOverlapsSeconds = 1;

using Steady = std::chrono::steady_clock;

double TookSince(Steady::time_point begin) {
  return std::chrono::duration<double>(Steady::now() - begin).count();
}

Line LineOf(const char* id, const char* what, double seconds, double asked) {
  return {id,
          what,
          kAgreements / seconds,
          "agreements per s",
          kAgreements / asked,
          asked == 1 ? "what is asked for: 1 s" : "what is asked for: 0.5 s"};
}

std::string IdOf(const policy::Agreement& like, size_t number) {
  return absl::StrCat(like.id, "-", number);
}

// Rows as they are after every signature and the activation.
absl::Status Fill(broker::Store* store, const policy::CheckResult& like) {
  const std::string id = absl::StrCat("\"id\":\"", like.agreement->id, "\"");
  std::vector<std::string> parties;
  for (const auto& [party, unused] : like.agreement->parties) {
    parties.push_back(party);
  }
  return store->Write(
      [&](broker::Transaction& transaction) -> absl::Status {
        broker::AgreementsTable table(transaction);
        for (size_t i = 0; i < kAgreements; ++i) {
          broker::AgreementRow row;
          row.id = IdOf(*like.agreement, i);
          const std::string document = absl::StrReplaceAll(
              like.canonical, {{id, absl::StrCat("\"id\":\"", row.id, "\"")}});
          const crypto::Hash digest = crypto::Sha256(document);
          row.version = 1;
          row.document.assign(document.begin(), document.end());
          row.digest.assign(digest.begin(), digest.end());
          row.state = broker::AgreementState::kActive;
          row.proposed_by = "spiffe://bench.example/agency/north/signatory/a";
          row.activation_entry = 1;
          absl::Status put = table.Insert(row, parties);
          for (const policy::Signatory& line : like.agreement->signatories) {
            if (!put.ok()) return put;
            broker::SignatureRow signature;
            signature.party = line.party;
            signature.role = line.role;
            signature.name = line.name;
            // Shorter than a real one, which is not looked at here.
            signature.envelope.assign(512, 'x');
            put = table.InsertSignature(row.id, 1, signature);
          }
          if (put.ok()) put = table.SetActivationEntry(row.id, 1, 1);
          if (!put.ok()) return put;
        }
        return absl::OkStatus();
      },
      [] { return absl::OkStatus(); });
}

absl::StatusOr<double> SecondsToLoad(const std::filesystem::path& folder,
                                     const policy::CheckResult& like) {
  auto store = broker::SqliteStore::Open(folder / "registers.db", 2);
  if (!store.ok()) return store.status();
  if (absl::Status filled = Fill(store->get(), like); !filled.ok()) {
    return filled;
  }
  broker::PolicyRegister agreements;
  broker::Context context;
  context.store = store->get();
  context.agreements = &agreements;
  const auto begin = Steady::now();
  const absl::Status loaded = broker::LoadAgreements(context);
  const double seconds = TookSince(begin);
  if (!loaded.ok()) return loaded;
  if (agreements.Get()->size() != kAgreements) {
    return absl::InternalError("not every agreement was loaded");
  }
  return seconds;
}

using Compiled = std::shared_ptr<const policy::CompiledAgreement>;

crypto::Hash AnyDigest(size_t number) {
  return crypto::Sha256(absl::StrCat(number));
}

absl::StatusOr<double> SecondsToDiff(const policy::Agreement& like) {
  std::vector<Compiled> all;
  std::vector<const policy::CompiledAgreement*> before;
  for (size_t i = 0; i < kAgreements; ++i) {
    policy::Agreement agreement = like;
    agreement.id = IdOf(like, i);
    all.push_back(
        *policy::CompiledAgreement::Create(std::move(agreement), AnyDigest(i)));
    before.push_back(all.back().get());
  }
  std::vector<const policy::CompiledAgreement*> after = before;
  for (size_t i = 0; i < kChanged; ++i) {
    policy::Agreement agreement = all[i]->document();
    agreement.flows[0].retention.days += 1;
    agreement.flows[0].methods = {policy::Method::kExtract};
    all.push_back(*policy::CompiledAgreement::Create(
        std::move(agreement), AnyDigest(kAgreements + i)));
    after[i] = all.back().get();
  }
  const auto begin = Steady::now();
  const auto changes = policy::DiffRegisters(before, after);
  const double seconds = TookSince(begin);
  if (changes.size() != kChanged) {
    return absl::InternalError("not every change was found");
  }
  return seconds;
}

void Rename(std::vector<std::string>* names, size_t number) {
  for (std::string& name : *names) absl::StrAppend(&name, "-", number);
}

absl::StatusOr<double> SecondsToOverlap(const policy::Agreement& like) {
  std::vector<policy::Agreement> all;
  for (size_t i = 0; i < kAgreements; ++i) {
    policy::Agreement& agreement = all.emplace_back(like);
    agreement.id = IdOf(like, i);
    const size_t of = i < kOverlapping ? i / 2 : i;
    for (policy::Flow& flow : agreement.flows) {
      Rename(&flow.from, of);
      Rename(&flow.to, of);
    }
  }
  std::vector<const policy::Agreement*> agreements;
  for (const policy::Agreement& one : all) agreements.push_back(&one);
  const auto begin = Steady::now();
  const auto overlaps = policy::OverlapsOf(agreements);
  const double seconds = TookSince(begin);
  if (overlaps.size() < kOverlapping / 2) {
    return absl::InternalError("not every overlap was found");
  }
  return seconds;
}

}  // namespace

absl::Status MeasureRegisters(const std::string& templates,
                              const std::string& folder,
                              std::vector<Line>* lines) {
  std::ifstream file(absl::StrCat(templates, "/inter-force-burglary.yaml"));
  std::stringstream text;
  text << file.rdbuf();
  const policy::CheckResult like =
      policy::Check("inter-force-burglary.yaml", text.str());
  if (!like.ok()) return absl::InternalError(like.report);
  const auto load = SecondsToLoad(folder, like);
  if (!load.ok()) return load.status();
  lines->push_back(LineOf("register_load_10000",
                          "10,000 agreements read, digests checked, compiled",
                          *load, kLoadSeconds));
  const auto diff = SecondsToDiff(*like.agreement);
  if (!diff.ok()) return diff.status();
  lines->push_back(LineOf("register_diff_10000",
                          "two registers of 10,000 compared, 100 changed",
                          *diff, kDiffSeconds));
  const auto overlaps = SecondsToOverlap(*like.agreement);
  if (!overlaps.ok()) return overlaps.status();
  lines->push_back(LineOf("register_overlaps_10000",
                          "10,000 agreements looked over for overlaps",
                          *overlaps, kOverlapsSeconds));
  return absl::OkStatus();
}

}  // namespace entente::bench
