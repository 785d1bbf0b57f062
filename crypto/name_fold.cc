#include <iterator>

#include "crypto/scheme.h"

namespace entente::crypto {
namespace {

// Latin letters that NFKD leaves whole, each with the one spelling that all
// parties use, and what stands between the letters of a name.
constexpr Fold kFolds[] = {
    {0x0020, ""},    // space
    {0x0027, ""},    // apostrophe
    {0x002D, ""},    // hyphen
    {0x002E, ""},    // full stop
    {0x0060, ""},    // grave accent, typed as an apostrophe
    {0x00B7, ""},    // middle dot, as in Catalan
    {0x00C6, "AE"},  // Æ
    {0x00D0, "D"},   // Ð
    {0x00D8, "O"},   // Ø
    {0x00DE, "TH"},  // Þ
    {0x00DF, "SS"},  // ß
    {0x00E6, "AE"},  // æ
    {0x00F0, "D"},   // ð
    {0x00F8, "O"},   // ø
    {0x00FE, "TH"},  // þ
    {0x0110, "D"},   // Đ
    {0x0111, "D"},   // đ
    {0x0126, "H"},   // Ħ
    {0x0127, "H"},   // ħ
    {0x0131, "I"},   // ı
    {0x0141, "L"},   // Ł
    {0x0142, "L"},   // ł
    {0x014A, "N"},   // Ŋ
    {0x014B, "N"},   // ŋ
    {0x0152, "OE"},  // Œ
    {0x0153, "OE"},  // œ
    {0x0166, "T"},   // Ŧ
    {0x0167, "T"},   // ŧ
    {0x02BB, ""},    // turned comma
    {0x02BC, ""},    // modifier apostrophe
    {0x1E9E, "SS"},  // ẞ
    {0x2010, ""},    // hyphen
    {0x2013, ""},    // en dash, typed as a hyphen
    {0x2018, ""},    // left quotation mark, typed as an apostrophe
    {0x2019, ""},    // right quotation mark, typed as an apostrophe
};

}  // namespace

absl::Span<const Fold> FoldTable() { return kFolds; }

}  // namespace entente::crypto
