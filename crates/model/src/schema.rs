//! The attribute table of file format 1: every table and column with type, unit, default and
//! meaning. Reading, checks and the format reference in the book all come from here.

/// What a cell may hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Defines the id of the row: letters, digits, `-`, `_`, `.`.
    Id,
    /// The id of a row of another table.
    Ref(TableName),
    /// As `Ref`, or `*` for every id.
    RefOrAll(TableName),
    /// A `;`-list of ids of another table.
    RefList(TableName),
    /// A `;`-list of ids or groups of another table, or `*` for all.
    Members(TableName),
    /// A name that groups rows or alternatives; written like an id.
    Label,
    /// A `;`-list of group names.
    LabelList,
    Text,
    /// A finite number, at least 0.
    NonNegative,
    /// A finite number of either sign.
    Number,
    /// A growth rate per year: a finite number above -1.
    Growth,
    /// 0 to 1.
    Share,
    /// YYYY-MM-DD.
    Date,
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// The tables of a model folder, in the order of the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableName {
    Regions,
    Products,
    Processes,
    Sites,
    Lanes,
    Demands,
    Uses,
    Options,
    Tiers,
    Stocks,
    Actions,
    Observations,
    Uncertainty,
    Sources,
}

impl TableName {
    pub const ALL: &[TableName] = &[
        T::Regions,
        T::Products,
        T::Processes,
        T::Sites,
        T::Lanes,
        T::Demands,
        T::Uses,
        T::Options,
        T::Tiers,
        T::Stocks,
        T::Actions,
        T::Observations,
        T::Uncertainty,
        T::Sources,
    ];

    /// The tables that a run reads; the others say what could be done, and how well they are known.
    pub fn is_input(self) -> bool {
        !matches!(self, T::Actions | T::Observations | T::Uncertainty | T::Sources)
    }

    /// What tells the rows of a table apart, as `uncertainty.csv` names them: columns, and what an empty
    /// cell means. Where rows can still be alike (tiers) a number is added, counted from 1.
    pub fn row_columns(self) -> &'static [(&'static str, &'static str)] {
        match self {
            T::Processes => &[("process", ""), ("product", "")],
            T::Uses => &[("demand", ""), ("option", "base"), ("product", "")],
            _ => self.schema().key,
        }
    }
}

#[derive(Debug)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
    pub unit: &'static str,
    /// What an empty cell means, as text.
    pub default: &'static str,
    pub meaning: &'static str,
}

impl Column {
    /// Whether its cells are days, and not numbers.
    pub fn is_date(&self) -> bool {
        self.kind == Kind::Date
    }
}

/// One table of a file format.
pub struct Schema {
    pub file: &'static str,
    /// What one row is, in the singular: "product", "lane".
    pub noun: &'static str,
    pub columns: &'static [Column],
    /// What tells rows apart where a model extends another: columns, and what an empty cell means.
    /// Own rows replace all rows below them with the same key.
    pub key: &'static [(&'static str, &'static str)],
    /// Columns that it may have besides its own.
    pub common: &'static [Column],
    pub meaning: &'static str,
}

/// A column that must be filled.
pub const fn need(name: &'static str, kind: Kind, unit: &'static str, meaning: &'static str) -> Column {
    Column { name, kind, required: true, unit, default: "", meaning }
}

/// A column that may be empty, and what that means.
pub const fn may(
    name: &'static str,
    kind: Kind,
    unit: &'static str,
    default: &'static str,
    meaning: &'static str,
) -> Column {
    Column { name, kind, required: false, unit, default, meaning }
}

use Kind::*;
use TableName as T;

pub const CONFIDENCES: &[&str] = &["observed", "reported", "derived", "recalled", "assumed"];
pub const END_USES: &[&str] = &["civil", "military"];
pub const STOCK_KINDS: &[&str] = &["commercial", "strategic"];
/// What an observation counts: see [`crate::observations::Quantity`].
pub const QUANTITIES: &[&str] = &["output", "flow", "share", "reliance"];
/// What an option of a plan does: see [`Schema`] of `actions.csv`, and the engine's plans.
pub const ACTION_KINDS: &[&str] = &["site", "recycling", "floor", "stock", "offtake", "substitution"];
pub const YES_NO: &[&str] = &["no", "yes"];
pub const SHAPES: &[&str] = &["triangular", "uniform", "lognormal"];

/// Columns that every table may have besides its own.
pub const COMMON: &[Column] = &[
    may("source", RefList(T::Sources), "", "not given", "where the figures of the row come from"),
    may("confidence", Choice(CONFIDENCES), "", "not given", "how well the figures of the row are known"),
    may("note", Text, "", "", "free text"),
];

pub const SCHEMAS: &[Schema] = &[
    Schema {
        file: "regions.csv",
        noun: "region",
        meaning: "countries (ISO 3166-1 alpha-3 where they are countries) and other regions",
        key: &[("id", "")],
        common: COMMON,
        columns: &[
            need("id", Id, "", "the region's id"),
            may("name", Text, "", "the id", "name for people"),
            may("groups", LabelList, "", "none", "groups the region belongs to, such as `EU;NATO`"),
            may("lat", Number, "degrees", "not given", "latitude for maps"),
            may("lon", Number, "degrees", "not given", "longitude for maps"),
        ],
    },
    Schema {
        file: "products.csv",
        noun: "product",
        meaning: "what is made, traded, stocked and used",
        key: &[("id", "")],
        common: COMMON,
        columns: &[
            need("id", Id, "", "the product's id"),
            need("unit", Text, "", "unit of quantity, such as `t`"),
            need("stage", Text, "", "stage of the chain: ore, oxide, metal, magnet, ..."),
            need("price", NonNegative, "currency/unit", "price without disturbance"),
            may("reexport", Share, "share", "1", "share of a region's imports that may leave it again unprocessed"),
            may("name", Text, "", "the id", "name for people"),
            may("hs", Text, "", "not given", "customs codes"),
            may("groups", LabelList, "", "none", "groups the product belongs to"),
        ],
    },
    Schema {
        file: "processes.csv",
        noun: "recipe row",
        meaning: "recipes: one row per product and process, per unit of activity",
        key: &[("process", "")],
        common: COMMON,
        columns: &[
            need("process", Label, "", "the process the row belongs to"),
            need("product", Ref(T::Products), "", "the product taken or given"),
            need("amount", Number, "product unit per unit of activity", "below 0 an input, above 0 an output"),
        ],
    },
    Schema {
        file: "sites.csv",
        noun: "site",
        meaning: "mines and plants",
        key: &[("id", "")],
        common: COMMON,
        columns: &[
            need("id", Id, "", "the site's id"),
            need("process", RefList(T::Processes), "", "process, or processes that share the capacity"),
            need("region", Ref(T::Regions), "", "where it stands"),
            need("capacity", NonNegative, "units of activity/year", "largest activity"),
            may("cost", NonNegative, "currency/unit of activity", "0", "cost of running"),
            may("opens", Date, "", "always open", "before this day the capacity is 0"),
            may("closes", Date, "", "never", "from this day the capacity is 0"),
            may("ramp_months", NonNegative, "months", "0", "the capacity rises linearly for so long after `opens`"),
            may("lead_days", NonNegative, "days", "0", "outputs appear that much later"),
            may("made", NonNegative, "units of activity/year", "0", "activity before the start; fills the pipeline"),
            may("minimum", Share, "share of capacity", "0", "least share of the capacity that runs"),
            may("owner", Text, "", "not given", "who owns it"),
            may("status", Text, "", "not given", "operating, construction, planned, ..."),
        ],
    },
    Schema {
        file: "lanes.csv",
        noun: "lane",
        meaning: "trade routes",
        key: &[("product", ""), ("from", ""), ("to", "")],
        common: COMMON,
        columns: &[
            need("product", RefOrAll(T::Products), "", "what is shipped"),
            need("from", RefOrAll(T::Regions), "", "where from"),
            need("to", RefOrAll(T::Regions), "", "where to"),
            may("lead_days", NonNegative, "days", "0", "time under way"),
            may("cost", NonNegative, "currency/unit", "0", "freight"),
            may("capacity", NonNegative, "units/year", "unlimited", "largest flow"),
            may("flow", NonNegative, "units/year", "not given", "reference (observed) flow"),
            may("military", NonNegative, "units/year", "not given", "the part of the flow for military use"),
            may("growth", NonNegative, "units/year each year", "no limit", "how fast the flow can grow"),
        ],
    },
    Schema {
        file: "demands.csv",
        noun: "demand",
        meaning: "finished needs",
        key: &[("id", "")],
        common: COMMON,
        columns: &[
            need("id", Id, "", "the demand's id"),
            need("region", Ref(T::Regions), "", "where it is"),
            need("amount", NonNegative, "units/year", "how much is needed"),
            need("value", NonNegative, "currency/unit", "what one unmet unit costs"),
            may("end_use", Choice(END_USES), "", "civil", "civil or military"),
            may("late_cost", NonNegative, "currency/unit/year", "not given", "what is unmet is late, not lost"),
            may("name", Text, "", "the id", "name for people"),
            may("unit", Text, "", "not given", "what the amount counts, such as `aircraft`"),
            may("growth", Growth, "share/year", "0", "growth of the amount"),
            may("opens", Date, "", "always", "before this day nothing is needed"),
            may("closes", Date, "", "never", "from this day nothing is needed"),
        ],
    },
    Schema {
        file: "uses.csv",
        noun: "use",
        meaning: "bills of materials",
        key: &[("demand", ""), ("option", "base")],
        common: COMMON,
        columns: &[
            need("demand", Ref(T::Demands), "", "the demand"),
            need("product", Ref(T::Products), "", "a product it takes"),
            need("amount", NonNegative, "product unit per unit of demand", "how much of it"),
            may("option", Label, "", "base", "rows of one option belong together; options are alternatives"),
        ],
    },
    Schema {
        file: "options.csv",
        noun: "option",
        meaning: "limits and costs of alternatives",
        key: &[("demand", ""), ("option", "")],
        common: COMMON,
        columns: &[
            need("demand", Ref(T::Demands), "", "the demand"),
            need("option", Label, "", "the alternative"),
            may("opens", Date, "", "always", "before this day it is not available"),
            may("max_share", Share, "share of the demand in a step", "1", "largest share of the demand"),
            may("cost", NonNegative, "currency/unit of demand", "0", "extra cost"),
        ],
    },
    Schema {
        file: "tiers.csv",
        noun: "tier",
        meaning: "how much the first and the last unmet units of a demand matter",
        key: &[("demand", "")],
        common: COMMON,
        columns: &[
            need("demand", RefOrAll(T::Demands), "", "the demand; `*` = every demand without rows of its own"),
            need("share", Share, "share of the amount", "width of the tier"),
            need("factor", NonNegative, "share of the value", "an unmet unit in this tier costs value x factor"),
        ],
    },
    Schema {
        file: "stocks.csv",
        noun: "stock",
        meaning: "stock kept",
        key: &[("region", ""), ("product", ""), ("kind", "commercial")],
        common: COMMON,
        columns: &[
            need("region", Ref(T::Regions), "", "where"),
            need("product", Ref(T::Products), "", "of what"),
            may("initial", NonNegative, "units", "0", "stock at the start"),
            may("capacity", NonNegative, "units", "unlimited", "largest stock"),
            may("holding_cost", NonNegative, "currency/unit/year", "0", "cost of keeping"),
            may("target", NonNegative, "units", "0", "commercial stock below it costs shortfall_cost"),
            may("shortfall_cost", NonNegative, "currency/unit/year", "0", "cost of stock below the target"),
            may("origin", Ref(T::Regions), "", "outside every rule's reach", "where the initial stock was made"),
            may("kind", Choice(STOCK_KINDS), "", "commercial", "strategic stock leaves only under a release"),
        ],
    },
    Schema {
        file: "actions.csv",
        noun: "action",
        meaning: "what can be done, for plans to choose from; which columns a kind needs stands in [plans](plan.md)",
        key: &[("id", "")],
        common: COMMON,
        columns: &[
            need("id", Id, "", "the action's id"),
            need("kind", Choice(ACTION_KINDS), "", "what it does"),
            may("name", Text, "", "the id", "name for people"),
            may("cost", NonNegative, "currency", "0", "money for all of it, when it is decided"),
            may("all_or_nothing", Choice(YES_NO), "", "no", "whether no part of it can be done"),
            may("least", Share, "share", "0", "if it is done, at least this share of it"),
            may("earliest", Date, "", "any day", "before this day it cannot be begun"),
            may("lead_months", NonNegative, "months", "0", "from the decision to the day on which it is there"),
            may(
                "life_years",
                NonNegative,
                "years",
                "0",
                "how long what is built serves: the rest after the run is worth its share",
            ),
            may("requires", RefList(T::Actions), "", "nothing", "what must be done to at least as large a share"),
            may("excludes", RefList(T::Actions), "", "nothing", "what cannot be done beside it"),
            may("like", Ref(T::Sites), "", "a new kind of site", "the site that it is more of"),
            may("process", RefList(T::Processes), "", "that of `like`", "what a new site does"),
            may("region", Ref(T::Regions), "", "that of `like`", "where a new site stands, or stock is kept"),
            may("capacity", NonNegative, "units of activity/year", "not given", "largest activity of a new site"),
            may("running_cost", NonNegative, "currency/unit of activity", "0", "cost of running a new site"),
            may("lead_days", NonNegative, "days", "0", "outputs of a new site appear that much later"),
            may("ramp_months", NonNegative, "months", "0", "the capacity rises linearly for so long"),
            may("product", Ref(T::Products), "", "not given", "what is bought, or guaranteed a price"),
            may("units", NonNegative, "units", "not given", "how much can be bought"),
            may("stock", Choice(STOCK_KINDS), "", "strategic", "which stock it goes to"),
            may("price", NonNegative, "currency/unit", "that of the product", "what is paid, or guaranteed"),
            may("impact", NonNegative, "share of the price", "0", "by how much dearer the last of all units is"),
            may("holding_cost", NonNegative, "currency/unit/year", "0", "where there is no such stock yet"),
            may("from", Ref(T::Regions), "", "not given", "who sends what a contract is about"),
            may("to", Ref(T::Regions), "", "not given", "where it goes"),
            may("amount", NonNegative, "units/year", "not given", "how much a contract is about"),
            may("premium", NonNegative, "currency/unit", "0", "what a contract costs"),
            may("years", NonNegative, "years", "1", "how long a contract or a guarantee lasts"),
            may("demands", RefList(T::Demands), "", "not given", "needs that can be met another way"),
            may("option", Label, "", "not given", "the other way"),
            may("share", Share, "share of the demand", "not given", "what it can meet beyond what it can without"),
        ],
    },
    Schema {
        file: "observations.csv",
        noun: "observation",
        meaning: "what was counted in the world, to hold results against and to balance trade with",
        key: &[("id", "")],
        common: COMMON,
        columns: &[
            need("id", Id, "", "the observation's id"),
            need(
                "what",
                Choice(QUANTITIES),
                "",
                "output of sites, flow along lanes, share of all output, or net import reliance",
            ),
            need("products", Members(T::Products), "", "of which products together"),
            need("region", Members(T::Regions), "", "where it is made, or where the flow comes from"),
            may("to", Members(T::Regions), "", "everywhere", "where the flow goes"),
            may("from", Date, "", "the start", "first day of the model that it is compared with"),
            may("until", Date, "", "a year later", "day after the last"),
            need("value", NonNegative, "units/year, or a share", "what was counted"),
            need("tolerance", NonNegative, "as the value", "by how much a result may differ"),
            may("scenario", Text, "", "baseline", "the scenario that it is compared with"),
            may("name", Text, "", "the id", "name for people"),
        ],
    },
    Schema {
        file: "uncertainty.csv",
        noun: "range",
        meaning: "how far figures that are not counted may be from what they are",
        key: &[("table", ""), ("row", ""), ("column", "")],
        common: COMMON,
        columns: &[
            need("table", Text, "", "the table of the figure, such as `sites`"),
            need(
                "row",
                Text,
                "",
                "its row: what tells rows of that table apart, with `/` between, such as `ox-dy/CHN/JPN`",
            ),
            need("column", Text, "", "its column"),
            need("low", Text, "as the figure", "hardly ever below this"),
            need("best", Text, "as the figure", "what the table says"),
            need("high", Text, "as the figure", "hardly ever above this"),
            may("shape", Choice(SHAPES), "", "triangular", "how likely what lies between is"),
            need("why", Text, "", "where the range comes from"),
        ],
    },
    Schema {
        file: "sources.csv",
        noun: "source",
        meaning: "where figures come from",
        key: &[("key", "")],
        common: COMMON,
        columns: &[
            need("key", Id, "", "the source's key"),
            may("title", Text, "", "not given", "title"),
            may("publisher", Text, "", "not given", "who published it"),
            may("year", Text, "", "not given", "year of publication"),
            may("url", Text, "", "not given", "address"),
        ],
    },
];

impl TableName {
    pub fn schema(self) -> &'static Schema {
        &SCHEMAS[self as usize]
    }

    pub fn file(self) -> &'static str {
        self.schema().file
    }

    /// The file without `.csv`, as `uncertainty.csv` names a table.
    pub fn stem(self) -> &'static str {
        self.file().trim_end_matches(".csv")
    }
}

impl Schema {
    /// The column of this name, the common ones included.
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().chain(self.common).find(|c| c.name == name)
    }

    /// For a name such as `capacity.source`: the column whose figure it speaks of.
    pub fn figure_column(&self, name: &str) -> Option<(&'static Column, &'static Column)> {
        let (figure, about) = name.rsplit_once('.')?;
        let about = self.common.iter().find(|c| c.name == about && c.name != "note")?;
        Some((self.columns.iter().find(|c| c.name == figure)?, about))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_stand_in_the_order_of_their_names() {
        assert_eq!(SCHEMAS.len(), TableName::ALL.len());
        for name in TableName::ALL {
            assert_eq!(name.file(), format!("{name:?}.csv").to_lowercase());
        }
    }
}
