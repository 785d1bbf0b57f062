#include "policy/cross_check.h"

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "crypto/hex.h"
#include "crypto/note.h"

namespace entente::policy {
namespace {

bool Has(const Flow& flow, Method method) {
  return std::find(flow.methods.begin(), flow.methods.end(), method) !=
         flow.methods.end();
}

void CheckLimits(const Flow& flow, const std::string& path,
                 Reporter* reporter) {
  const Limits& limits = flow.limits;
  if (!reporter->Clean(path + ".methods")) return;
  if (limits.extracts_per_year.has_value() && !Has(flow, Method::kExtract)) {
    reporter->Error(path + ".limits.extracts_per_year", "limits nothing",
                    "only with the method extract");
  }
  if (reporter->Clean(path + ".limits") &&
      limits.records_per_request.has_value() &&
      limits.records_per_day.has_value() &&
      *limits.records_per_request > *limits.records_per_day) {
    reporter->Error(path + ".limits.records_per_request",
                    "is above records_per_day", "records_per_day or less");
  }
  if (Has(flow, Method::kQuery)) {
    if (flow.proof == Proof::kNone) {
      reporter->Error(path + ".proof", "a query without proof", "always");
    }
    return;
  }
  if (flow.answer_records.has_value()) {
    reporter->Error(path + ".answer_records", "there is no answer",
                    "only with the method query");
  }
  if (flow.min_answer_ms.has_value()) {
    reporter->Error(path + ".min_answer_ms", "there is no answer",
                    "only with the method query");
  }
}

void WarnOfQueries(const Agreement& agreement, Reporter* reporter) {
  for (size_t i = 0; i < agreement.flows.size(); ++i) {
    if (!Has(agreement.flows[i], Method::kQuery)) continue;
    reporter->Warn(absl::StrCat("flows[", i, "].methods"),
                   "query is not built yet: its calls are refused");
  }
}

}  // namespace

void CheckMethods(const Agreement& agreement, Reporter* reporter) {
  for (size_t i = 0; i < agreement.flows.size(); ++i) {
    CheckLimits(agreement.flows[i], absl::StrCat("flows[", i, "]"), reporter);
  }
}

void CheckWitnesses(const Agreement& agreement, Reporter* reporter) {
  if (!agreement.witnesses.has_value()) {
    if (agreement.witness == Witness::kRequired) {
      reporter->Error("witness", "requires witnesses, and none is named",
                      "witnesses: ...");
    }
    return;
  }
  const Witnesses& witnesses = *agreement.witnesses;
  const int64_t named = static_cast<int64_t>(witnesses.named.size());
  if (named > 0 && witnesses.quorum > named) {
    reporter->Error("witnesses.quorum", "is more than there are witnesses",
                    absl::StrCat("1 to ", named));
  }
  std::map<std::string, std::string> owners;
  for (const auto& [name, witness] : witnesses.named) {
    const auto key = crypto::NoteKey::Parse(witness.key);
    if (!key.ok()) continue;  // and reported
    const auto [owner, is_first] =
        owners.emplace(crypto::ToHex(key->key().bytes()), name);
    if (!is_first) {
      reporter->Error(absl::StrCat("witnesses.named.", name, ".key"),
                      absl::StrCat("is that of ", owner->second),
                      "a key of its own");
    }
  }
}

void CheckAcross(const Agreement& agreement, Reporter* reporter) {
  CheckDeclared(agreement, reporter);
  reporter->Freeze();
  CheckUsed(agreement, reporter);
  CheckRoutes(agreement, reporter);
  CheckBasis(agreement, reporter);
  CheckKinds(agreement, reporter);
  CheckFields(agreement, reporter);
  CheckMethods(agreement, reporter);
  CheckDays(agreement, reporter);
  CheckSignatories(agreement, reporter);
  CheckWitnesses(agreement, reporter);
  WarnOfQueries(agreement, reporter);
}

}  // namespace entente::policy
