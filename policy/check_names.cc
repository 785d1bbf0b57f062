#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/cross_check.h"
#include "policy/value_reader.h"

namespace entente::policy {
namespace {

constexpr size_t kMaxNamesShown = 20;

// Names that are declared, and what they are called in messages.
class Names {
 public:
  template <typename Map>
  Names(absl::string_view what, const Map& declared) : what_(what) {
    for (const auto& [name, unused] : declared) names_.push_back(name);
  }

  // Reports `name` at `path` unless it is declared or empty (not read).
  void Check(const std::string& name, absl::string_view path,
             Reporter* reporter) const {
    if (name.empty()) return;
    for (const std::string& known : names_) {
      if (known == name) return;
    }
    const std::string nearest = Nearest(name, names_);
    std::vector<std::string> shown(
        names_.begin(), names_.begin() + static_cast<std::ptrdiff_t>(std::min(
                                             names_.size(), kMaxNamesShown)));
    if (shown.size() < names_.size()) shown.push_back("...");
    std::string hint = absl::StrJoin(shown, ", ");
    if (!nearest.empty()) {
      hint = absl::StrCat("did you mean ", nearest, "? ", hint);
    }
    reporter->Error(path,
                    absl::StrCat(what_, " ", Quoted(name), " is not declared"),
                    hint.empty() ? "none is declared" : hint);
  }

  void CheckAll(const std::vector<std::string>& names, const std::string& path,
                Reporter* reporter) const {
    for (size_t i = 0; i < names.size(); ++i) {
      Check(names[i], absl::StrCat(path, "[", i, "]"), reporter);
    }
  }

 private:
  std::string what_;
  std::vector<std::string> names_;
};

void CheckFieldNames(const Flow& flow, const Dataset& dataset,
                     const std::string& path, Reporter* reporter) {
  std::map<std::string, bool> all;
  for (const auto& [name, field] : dataset.fields) all[name] = true;
  const Names fields("field", all);
  for (const auto& [name, scheme] : dataset.identifiers) all[name] = true;
  const Names either("field", all);
  for (const auto& [name, treatment] : flow.release) {
    const std::string at = absl::StrCat(path, ".release.", name);
    either.Check(name, at, reporter);
    either.Check(treatment.per, absl::StrCat(at, ".per"), reporter);
  }
  for (size_t i = 0; i < flow.rows.size(); ++i) {
    fields.Check(flow.rows[i].field, absl::StrCat(path, ".rows[", i, "].field"),
                 reporter);
  }
  fields.Check(flow.retention.no_later_than_field,
               absl::StrCat(path, ".retention.no_later_than_field"), reporter);
}

void CheckBreakGlass(const Agreement& agreement, Reporter* reporter) {
  if (!agreement.break_glass.has_value()) return;
  const Names datasets("data set", agreement.datasets);
  for (const auto& [id, fields] : agreement.break_glass->fields) {
    const std::string path = absl::StrCat("break_glass.fields.", id);
    datasets.Check(id, path, reporter);
    const auto dataset = agreement.datasets.find(id);
    if (dataset == agreement.datasets.end()) continue;
    Names("field", dataset->second.fields).CheckAll(fields, path, reporter);
  }
}

void CheckFlowNames(const Agreement& agreement, Reporter* reporter) {
  const Names parties("party", agreement.parties);
  const Names purposes("purpose", agreement.purposes);
  const Names datasets("data set", agreement.datasets);
  const Names lists("list", agreement.lists);
  for (size_t i = 0; i < agreement.flows.size(); ++i) {
    const Flow& flow = agreement.flows[i];
    const std::string path = absl::StrCat("flows[", i, "]");
    parties.CheckAll(flow.from, path + ".from", reporter);
    parties.CheckAll(flow.to, path + ".to", reporter);
    purposes.CheckAll(flow.purposes, path + ".purposes", reporter);
    datasets.Check(flow.dataset, path + ".dataset", reporter);
    for (const auto& [name, treatment] : flow.release) {
      lists.Check(treatment.list,
                  absl::StrCat(path, ".release.", name, ".list"), reporter);
    }
    const auto dataset = agreement.datasets.find(flow.dataset);
    if (dataset != agreement.datasets.end()) {
      CheckFieldNames(flow, dataset->second, path, reporter);
    }
  }
}

}  // namespace

void CheckDeclared(const Agreement& agreement, Reporter* reporter) {
  const Names parties("party", agreement.parties);
  const Names purposes("purpose", agreement.purposes);
  const Names lists("list", agreement.lists);
  for (size_t i = 0; i < agreement.lawful_basis.size(); ++i) {
    const std::string path = absl::StrCat("lawful_basis[", i, "]");
    parties.CheckAll(agreement.lawful_basis[i].parties, path + ".parties",
                     reporter);
    purposes.CheckAll(agreement.lawful_basis[i].purposes, path + ".purposes",
                      reporter);
  }
  for (const auto& [id, dataset] : agreement.datasets) {
    for (const auto& [name, field] : dataset.fields) {
      lists.Check(field.list,
                  absl::StrCat("datasets.", id, ".fields.", name, ".list"),
                  reporter);
    }
  }
  CheckFlowNames(agreement, reporter);
  CheckBreakGlass(agreement, reporter);
  for (size_t i = 0; i < agreement.onward.listed.size(); ++i) {
    purposes.CheckAll(agreement.onward.listed[i].purposes,
                      absl::StrCat("onward.listed[", i, "].purposes"),
                      reporter);
  }
  for (size_t i = 0; i < agreement.signatories.size(); ++i) {
    parties.Check(agreement.signatories[i].party,
                  absl::StrCat("signatories[", i, "].party"), reporter);
  }
}

void CheckUsed(const Agreement& agreement, Reporter* reporter) {
  // A name that could not be read may be any of those declared.
  bool parties_read = reporter->Clean("onward");
  bool purposes_read = true, datasets_read = true;
  bool lists_read = !agreement.datasets.empty();
  std::set<std::string> parties, purposes, datasets, lists;
  for (size_t i = 0; i < agreement.flows.size(); ++i) {
    const Flow& flow = agreement.flows[i];
    const std::string path = absl::StrCat("flows[", i, "]");
    parties_read &=
        reporter->Clean(path + ".from") && reporter->Clean(path + ".to");
    purposes_read &= reporter->Clean(path + ".purposes");
    datasets_read &= reporter->Clean(path + ".dataset");
    lists_read &= reporter->Clean(path + ".release");
    parties.insert(flow.from.begin(), flow.from.end());
    parties.insert(flow.to.begin(), flow.to.end());
    purposes.insert(flow.purposes.begin(), flow.purposes.end());
    datasets.insert(flow.dataset);
    for (const auto& [name, treatment] : flow.release) {
      lists.insert(treatment.list);
    }
  }
  if (agreement.flows.empty()) return;  // and reported
  for (const auto& [id, dataset] : agreement.datasets) {
    lists_read &= reporter->CleanOption("datasets", id + ".fields");
    for (const auto& [name, field] : dataset.fields) lists.insert(field.list);
  }
  for (const OnwardTo& onward : agreement.onward.listed) {
    parties.insert(onward.to);
  }
  const auto check = [reporter](bool all_read, const auto& declared,
                                const std::set<std::string>& used,
                                absl::string_view section,
                                absl::string_view allowed) {
    for (const auto& [name, unused] : declared) {
      if (!all_read || used.count(name) > 0) continue;
      reporter->Error(absl::StrCat(section, ".", name), "is never used",
                      allowed);
    }
  };
  check(parties_read, agreement.parties, parties, "parties",
        "named in a flow, or, if a processor, listed in onward");
  check(purposes_read, agreement.purposes, purposes, "purposes",
        "named in a flow");
  check(datasets_read, agreement.datasets, datasets, "datasets",
        "named in a flow");
  check(lists_read, agreement.lists, lists, "lists",
        "named by a field or by a treatment category");
}

}  // namespace entente::policy
