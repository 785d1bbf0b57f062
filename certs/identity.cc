#include "certs/identity.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace entente::certs {
namespace {

constexpr size_t kMaxTrustDomain = 253;
constexpr size_t kMaxName = 64;
constexpr size_t kMaxAgency = 61;

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

bool IsTrustDomain(absl::string_view text) {
  if (text.empty() || text.size() > kMaxTrustDomain) return false;
  for (const absl::string_view label : absl::StrSplit(text, '.')) {
    if (label.empty() || label.front() == '-' || label.back() == '-') {
      return false;
    }
    for (const char c : label) {
      if (!IsLower(c) && !IsDigit(c) && c != '-') return false;
    }
  }
  return true;
}

bool IsAgency(absl::string_view text) {
  if (text.size() < 2 || text.size() > kMaxAgency || !IsLower(text[0])) {
    return false;
  }
  for (const char c : text) {
    if (!IsLower(c) && !IsDigit(c) && c != '-') return false;
  }
  return true;
}

bool IsName(absl::string_view text) {
  if (text.empty() || text.size() > kMaxName || text == "." || text == "..") {
    return false;
  }
  for (const char c : text) {
    if (!IsLower(c) && !IsUpper(c) && !IsDigit(c) && c != '.' && c != '_' &&
        c != '-') {
      return false;
    }
  }
  return true;
}

absl::StatusOr<Role> ParseRole(absl::string_view text) {
  for (const Role role : {Role::kSystem, Role::kSignatory, Role::kAuditor}) {
    if (text == RoleName(role)) return role;
  }
  return absl::InvalidArgumentError(
      "the role is none of system, signatory and auditor");
}

}  // namespace

absl::string_view RoleName(Role role) {
  switch (role) {
    case Role::kSystem:
      return "system";
    case Role::kSignatory:
      return "signatory";
    case Role::kAuditor:
      return "auditor";
  }
  return "";
}

absl::StatusOr<Identity> Identity::Parse(absl::string_view uri) {
  if (!absl::ConsumePrefix(&uri, "spiffe://")) {
    return absl::InvalidArgumentError("the URI does not start with spiffe://");
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(uri, '/');
  Identity identity;
  identity.trust_domain = std::string(parts[0]);
  if (!IsTrustDomain(identity.trust_domain)) {
    return absl::InvalidArgumentError(
        "the trust domain is not a host name in lower case");
  }
  if (parts.size() == 5 && parts[1] == "agency") {
    const absl::StatusOr<Role> role = ParseRole(parts[3]);
    if (!role.ok()) return role.status();
    if (!IsAgency(parts[2])) {
      return absl::InvalidArgumentError("the agency's id is malformed");
    }
    identity.kind = Kind::kAgency;
    identity.agency = std::string(parts[2]);
    identity.role = *role;
  } else if (parts.size() == 3 && parts[1] == "operator") {
    identity.kind = Kind::kOperator;
  } else if (parts.size() == 3 && parts[1] == "broker") {
    identity.kind = Kind::kBroker;
  } else {
    return absl::InvalidArgumentError(
        "the URI names neither an agency's role, nor an operator, nor a "
        "broker");
  }
  identity.name = std::string(parts.back());
  if (!IsName(identity.name)) {
    return absl::InvalidArgumentError("the name is malformed");
  }
  return identity;
}

std::string Identity::ToUri() const {
  const std::string start = absl::StrCat("spiffe://", trust_domain);
  switch (kind) {
    case Kind::kAgency:
      return absl::StrCat(start, "/agency/", agency, "/", RoleName(role), "/",
                          name);
    case Kind::kOperator:
      return absl::StrCat(start, "/operator/", name);
    case Kind::kBroker:
      return absl::StrCat(start, "/broker/", name);
  }
  return start;
}

}  // namespace entente::certs
