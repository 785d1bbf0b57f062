#include "client/command_enrol.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/dealings.h"
#include "client/enrolment.h"
#include "client/outgoing_rows.h"
#include "client/pepper_exchange.h"
#include "crypto/scheme.h"

namespace entente::client {
namespace {

struct EnrolOptions {
  std::string agreement;
  std::string scheme;
  std::vector<std::string> columns;
  std::string reference;
  std::string file;
};

struct EnrolRows {
  std::vector<Enrollee> rows;
  std::vector<BadRow> refused;
};

absl::StatusOr<EnrolRows> Canonical(const EnrolOptions& options,
                                    const crypto::Scheme& scheme,
                                    const RowFile& file) {
  std::vector<size_t> columns;
  for (const std::string& name : options.columns) {
    const auto at = FindColumn(file.columns, name, "--column");
    if (!at.ok()) return at.status();
    columns.push_back(*at);
  }
  const auto reference = FindColumn(file.columns, options.reference, "--ref");
  if (!reference.ok()) return reference.status();
  EnrolRows result;
  result.refused = file.bad;
  for (const Row& row : file.rows) {
    if (row.cells[*reference].empty()) {
      result.refused.push_back({row.number, row.line, options.reference,
                                "the local reference is missing"});
      continue;
    }
    std::vector<absl::string_view> raw;
    for (const size_t column : columns) raw.push_back(row.cells[column]);
    absl::StatusOr<std::string> identifier = crypto::Canonicalise(scheme, raw);
    if (!identifier.ok()) {
      result.refused.push_back({row.number, row.line, options.columns.front(),
                                std::string(identifier.status().message())});
      continue;
    }
    result.rows.push_back({*std::move(identifier), row.cells[*reference]});
  }
  return result;
}

absl::Status CheckOptions(const EnrolOptions& options,
                          const absl::StatusOr<crypto::Scheme>& scheme) {
  if (!scheme.ok()) {
    return UsageError(absl::StrCat("--scheme: ", scheme.status().message()),
                      "nhs/1, pnc/1, name_dob/1 or opaque/1:NAMESPACE");
  }
  if (options.columns.size() == scheme->columns()) return absl::OkStatus();
  return UsageError(
      absl::StrCat(scheme->name, " is made of ", scheme->columns(),
                   " columns, not ", options.columns.size()),
      scheme->columns() == 3
          ? "--column Surname --column Forename --column Birthdate"
          : "give --column once");
}

absl::StatusOr<EnrolmentCounts> EnrolAll(const Dealings& dealings,
                                         const std::string& scheme,
                                         const std::vector<Enrollee>& rows) {
  const absl::StatusOr<crypto::Secret> pepper = ObtainPepper(dealings);
  if (!pepper.ok()) return pepper.status();
  const absl::Status resumed = ResumeEnrolments(dealings, *pepper);
  if (!resumed.ok()) return resumed;
  return Enrol(dealings, *pepper, scheme, rows);
}

absl::Status RunEnrol(Session& session, const EnrolOptions& options) {
  const absl::StatusOr<crypto::Scheme> scheme =
      crypto::ParseScheme(options.scheme);
  if (absl::Status s = CheckOptions(options, scheme); !s.ok()) return s;
  const absl::StatusOr<Profile> profile = session.OpenProfile();
  if (!profile.ok()) return profile.status();
  const auto file = ReadRowFile(options.file, &session.in());
  if (!file.ok()) return file.status();
  const auto rows = Canonical(options, *scheme, *file);
  if (!rows.ok()) return rows.status();
  const std::string refused_file = RefusedFile(options.file);
  const uint64_t refused = CountRows(rows->refused);
  if (absl::Status s = WriteRefusedRows(refused_file, rows->refused); !s.ok()) {
    return s;
  }
  const auto store = LocalStore::Open(*profile);
  if (!store.ok()) return store.status();
  const auto link = BrokerLink::Open(*profile);
  if (!link.ok()) return link.status();
  const auto verified = FetchVerified(**link, *profile, &(*store)->knowledge(),
                                      options.agreement, 0);
  if (!verified.ok()) return verified.status();
  const auto key = LedgerKey(*profile, verified->id());
  if (!key.ok()) return key.status();
  LedgerView view(&(*store)->knowledge(), verified->id(), *key);
  const auto counts =
      EnrolAll({*profile, **link, **store, *verified, view, session.out()},
               scheme->name, rows->rows);
  if (!counts.ok()) return counts.status();
  session.out().Print(
      {{"agreement", verified->id()},
       {"scheme", scheme->name},
       {"rows", file->count},
       {"enrolled", counts->identifiers},
       {"new", counts->fresh},
       {"refused_rows", refused},
       {"refused_file", refused == 0 ? Value() : Value(refused_file)}});
  return SomeRefused(refused, rows->rows.size(), refused_file);
}

}  // namespace

void RegisterEnrol(Command& root) {
  auto options = std::make_shared<EnrolOptions>();
  EnrolOptions* o = options.get();
  root.Sub("enrol", "Makes pseudonyms of an agency's own identifiers",
           "entente enrol --agreement isa-wessex --scheme nhs/1 "
           "--column NHS_Number --ref Patient_ID patients.csv")
      .Required("--agreement", "ID", "Under which agreement", &o->agreement)
      .Required("--scheme", "SCHEME",
                "nhs/1, pnc/1, name_dob/1 or opaque/1:NAMESPACE", &o->scheme)
      .Repeated("--column", "COLUMN",
                "Where the identifier stands; for name_dob/1 three times: "
                "surname, forename, birth date",
                &o->columns)
      .Required("--ref", "COLUMN", "The agency's own reference to the person",
                &o->reference)
      .Positional("FILE", "CSV, JSON Lines, or - for CSV from standard input",
                  &o->file)
      .Does(Effect::kMutates, Prints::kOne, [options](Session& session) {
        return RunEnrol(session, *options);
      });
}

}  // namespace entente::client
