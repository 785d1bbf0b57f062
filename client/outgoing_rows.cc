#include "client/outgoing_rows.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/error.h"
#include "crypto/encoding.h"
#include "crypto/scheme.h"

namespace entente::client {
namespace {

// Where one field's identifier stands.
struct IdentifierColumns {
  std::string field;
  crypto::Scheme scheme;
  std::vector<size_t> columns;
  PseudonymScope scope;
};

struct Layout {
  std::vector<size_t> inputs;  // of the plan
  std::vector<IdentifierColumns> identifiers;
  std::vector<IdentifierColumns> subjects;  // whose days are shifted
};

// An identifier of one row, in its canonical spelling.
struct Identity {
  std::optional<std::string> canonical;  // nothing if the row has none
  std::string trouble;                   // why it is of no use, or empty
};

std::string ColumnOf(const ColumnMap& map, const std::string& field) {
  const auto mapped = map.find(field);
  return mapped == map.end() ? field : mapped->second;
}

absl::StatusOr<IdentifierColumns> Identifier(
    const policy::PseudonymName& pseudonym, const ColumnMap& map,
    const std::vector<std::string>& columns) {
  absl::StatusOr<crypto::Scheme> scheme = crypto::ParseScheme(pseudonym.scheme);
  if (!scheme.ok()) return scheme.status();
  IdentifierColumns identifier;
  identifier.field = pseudonym.name;
  const std::string mapped = ColumnOf(map, pseudonym.name);
  std::vector<std::string> names = {mapped};
  if (scheme->columns() > 1) names = absl::StrSplit(mapped, ',');
  if (names.size() != scheme->columns()) {
    return UsageError(
        absl::StrCat(pseudonym.name, " is made of ", scheme->columns(),
                     " columns (", scheme->name, ")"),
        absl::StrCat("--map ", pseudonym.name, "=Surname,Forename,Birthdate"));
  }
  for (const std::string& name : names) {
    const auto at = FindColumn(columns, name,
                               absl::StrCat("the identifier ", pseudonym.name));
    if (!at.ok()) return at.status();
    identifier.columns.push_back(*at);
  }
  identifier.scheme = *std::move(scheme);
  return identifier;
}

absl::StatusOr<Layout> LayOut(const policy::RowPlan& plan, const ColumnMap& map,
                              const std::vector<std::string>& columns) {
  Layout layout;
  std::set<std::string> used;
  for (const std::string& field : plan.inputs()) {
    used.insert(field);
    const auto at = FindColumn(columns, ColumnOf(map, field),
                               absl::StrCat("the field ", field));
    if (!at.ok()) return at.status();
    layout.inputs.push_back(*at);
  }
  for (const policy::PseudonymName& pseudonym : plan.pseudonyms()) {
    used.insert(pseudonym.name);
    auto identifier = Identifier(pseudonym, map, columns);
    if (!identifier.ok()) return identifier.status();
    layout.identifiers.push_back(*std::move(identifier));
  }
  for (const policy::PseudonymName& subject : plan.subjects()) {
    used.insert(subject.name);
    auto identifier = Identifier(subject, map, columns);
    if (!identifier.ok()) return identifier.status();
    layout.subjects.push_back(*std::move(identifier));
  }
  for (const auto& [field, column] : map) {
    if (used.count(field) != 0) continue;
    return UsageError(absl::StrCat("--map: the flow uses no field ", field),
                      absl::StrCat("it uses ", absl::StrJoin(used, ", ")));
  }
  return layout;
}

Identity Identify(const IdentifierColumns& identifier, const Row& row) {
  std::vector<absl::string_view> raw;
  bool blank = true;
  for (const size_t column : identifier.columns) {
    raw.push_back(row.cells[column]);
    blank = blank && row.cells[column].empty();
  }
  if (blank) return {};
  absl::StatusOr<std::string> canonical =
      crypto::Canonicalise(identifier.scheme, raw);
  if (!canonical.ok()) {
    return {std::nullopt, std::string(canonical.status().message())};
  }
  return {*std::move(canonical), ""};
}

// Empty if the row has none; a BadRow's reason in `trouble` if it is of no use.
absl::StatusOr<std::optional<crypto::Point>> LookUp(
    const IdentifierColumns& identifier, const Row& row,
    PseudonymTable* enrolled, std::string* trouble) {
  Identity identity = Identify(identifier, row);
  if (!identity.canonical.has_value()) {
    *trouble = std::move(identity.trouble);
    return std::nullopt;
  }
  auto found = enrolled->Find(identifier.scope, *identity.canonical);
  if (found.ok() && !found->has_value()) {
    *trouble = absl::StrCat(
        "the identifier is not enrolled: run entente enrol "
        "--scheme ",
        identifier.scheme.name);
  }
  return found;
}

void AppendText(const std::string& text, crypto::Bytes* to) {
  crypto::AppendU32(to, static_cast<uint32_t>(text.size()));
  crypto::AppendRaw(to, text);
}

crypto::Bytes ContentOf(const policy::RowPlan& plan, const Layout& layout,
                        const Row& row) {
  crypto::Bytes content;
  for (size_t i = 0; i < layout.inputs.size(); ++i) {
    AppendText(plan.inputs()[i], &content);
    AppendText(row.cells[layout.inputs[i]], &content);
  }
  for (const IdentifierColumns& identifier : layout.identifiers) {
    AppendText(identifier.field, &content);
    for (const size_t column : identifier.columns) {
      AppendText(row.cells[column], &content);
    }
  }
  return content;
}

std::string ReasonOf(const policy::RowFault& fault) {
  return fault.clause.empty()
             ? fault.what
             : absl::StrCat(fault.what, " (", fault.clause, ")");
}

}  // namespace

absl::StatusOr<size_t> FindColumn(const std::vector<std::string>& columns,
                                  const std::string& name,
                                  const std::string& what_for) {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found != columns.end()) return size_t(found - columns.begin());
  return UsageError(
      absl::StrCat("the file has no column ", name, ", for ", what_for),
      absl::StrCat("its columns are ", absl::StrJoin(columns, ", ")));
}

absl::StatusOr<OutgoingRows> ReleaseRows(const policy::RowPlan& plan,
                                         const std::string& agreement,
                                         uint32_t epoch, const ColumnMap& map,
                                         const RowBlock& block,
                                         PseudonymTable* enrolled) {
  absl::StatusOr<Layout> layout = LayOut(plan, map, block.columns);
  if (!layout.ok()) return layout.status();
  for (IdentifierColumns& identifier : layout->identifiers) {
    identifier.scope = {agreement, identifier.scheme.name, epoch};
  }
  OutgoingRows result;
  for (const Row& row : block.rows) {
    std::vector<std::optional<absl::string_view>> cells;
    for (const size_t column : layout->inputs) {
      cells.emplace_back(row.cells[column]);
    }
    std::vector<BadRow> faults;
    std::vector<std::optional<std::string>> subjects;
    for (const IdentifierColumns& subject : layout->subjects) {
      Identity identity = Identify(subject, row);
      if (!identity.trouble.empty()) {
        faults.push_back({row.number, row.line, ColumnOf(map, subject.field),
                          identity.trouble});
      }
      subjects.push_back(std::move(identity.canonical));
    }
    policy::RowResult released = plan.Release(cells, subjects);
    for (const policy::RowFault& fault : released.faults) {
      faults.push_back(
          {row.number, row.line, ColumnOf(map, fault.field), ReasonOf(fault)});
    }
    OutgoingRecord record;
    record.row = row.number;
    for (const IdentifierColumns& identifier : layout->identifiers) {
      std::string trouble;
      auto pseudonym = LookUp(identifier, row, enrolled, &trouble);
      if (!pseudonym.ok()) return pseudonym.status();
      BadRow fault = {row.number, row.line, ColumnOf(map, identifier.field),
                      trouble};
      // It may have been said of the same identifier as a subject.
      if (!trouble.empty() &&
          std::find(faults.begin(), faults.end(), fault) == faults.end()) {
        faults.push_back(std::move(fault));
      }
      record.pseudonyms.push_back(*std::move(pseudonym));
    }
    if (!faults.empty()) {
      result.refused.insert(result.refused.end(), faults.begin(), faults.end());
      continue;
    }
    record.values = std::move(released.values);
    result.records.push_back(std::move(record));
    result.contents.push_back(ContentOf(plan, *layout, row));
  }
  return result;
}

}  // namespace entente::client
