//! Chokepoints against figures by hand, classical maximum flows, and duality.

mod common;

use coercivity_engine::Foresight;
use coercivity_engine::chokepoints::concentration::{Concentration, Of, Recipe, carried, firm, hhi};
use coercivity_engine::chokepoints::cut::{Cut, Networks};
use coercivity_engine::chokepoints::tables::{lines, tables};
use coercivity_engine::chokepoints::{Chokepoints, Entry, chokepoints, cuts};
use coercivity_engine::trace::Chain;
use coercivity_model::{Model, Scenario};
use common::{Case, agree, files_below, outcome, root};
use petgraph::algo::ford_fulkerson;
use petgraph::graph::DiGraph;

const MODEL: &str =
    "format = 1\nstart = 2025-01-01\nstep = \"month\"\nsteps = 3\ndiscount_rate = 0\nterminal_value = 0\n";

/// A model of these tables and a scenario of this text.
fn input(tables: &[(&str, &str)], scenario: &str) -> (Model, Scenario) {
    let mut case = Case { path: "chokepoints".into(), files: Default::default(), expectations: Vec::new() };
    case.files.insert("m/model.toml", MODEL);
    tables.iter().for_each(|(name, text)| case.files.insert(&format!("m/{name}"), *text));
    case.files.insert("m/s.toml", scenario);
    case.input(Some("s.toml")).unwrap_or_else(|report| panic!("{}", report.render(false, 100)))
}

fn find(model: &Model, scenario: &Scenario) -> Chokepoints {
    let run = outcome(model, scenario, Foresight::Perfect, true);
    let demands: Vec<usize> = (0..model.demands.len()).collect();
    let cuts = cuts(model, scenario, 0, &demands, &|_, _| {}).unwrap();
    let found = chokepoints(model, scenario, &run, 0, cuts);
    for table in tables(model, scenario, &run, &found) {
        let rows = table.csv().unwrap().split(|byte| *byte == b'\n').count();
        assert_eq!(rows, table.len() + 2, "{}", table.name);
        table.parquet().unwrap();
    }
    found
}

fn cut(model: &Model, scenario: &Scenario, step: usize) -> Cut {
    let cut = Networks::new(model, scenario).cut(0, step).unwrap().expect("it needs something");
    adds_up(&cut);
    cut
}

/// Duality: the limits of a cut, each at what one unit more adds, are the flow.
fn adds_up(cut: &Cut) {
    if let Some(most) = cut.most.filter(|_| !cut.is_cut_off()) {
        let sum: f64 = cut.parts.iter().map(|part| part.units * part.adds).sum();
        assert!(agree(sum, most), "{sum} is not {most}: {cut:?}");
        let shares: f64 = cut.parts.iter().map(|part| part.share).sum();
        assert!((shares - 1.0).abs() < 1e-6, "{cut:?}");
    }
}

/// The lines of a cut as (kind, id, why, limit, adds).
fn shown(model: &Model, scenario: &Scenario, cut: &Cut) -> Vec<(String, f64, f64)> {
    let lines = lines(model, scenario, &Chain::new(model), cut).into_iter();
    let round = |x: f64| (x * 1e6).round() / 1e6;
    lines.map(|line| (format!("{} {} {}", line.kind, line.id, line.why), round(line.units), round(line.adds))).collect()
}

fn line(what: &str, units: f64, adds: f64) -> (String, f64, f64) {
    (what.to_string(), units, adds)
}

#[test]
fn index_of_shares() {
    assert!(agree(hhi([0.5, 0.3, 0.2]), 0.38));
    assert_eq!(hhi([1.0]), 1.0);
    assert!(agree(hhi([0.25; 4]), 0.25));
}

#[test]
fn owners_that_are_one_firm() {
    for one in ["Lynas", "eVAC", "QMM (Rio Tinto)", "Heraeus Remloy"] {
        assert_eq!(firm(one), Some(one));
    }
    for other in ["", "not public", "several", "some 200 makers", "TDK, Tokin", "Huawei and others", "A; B", "A and B"]
    {
        assert_eq!(firm(other), None, "{other}");
    }
}

/// Metal from ore, 1:1. Ore 90 in A and 30 in B; metal 60, 36 and 24 in A, B and C; slag falls and is of no use.
const CHAIN: &[(&str, &str)] = &[
    ("regions.csv", "id\nA\nB\nC\n"),
    ("products.csv", "id,unit,stage,price\nore,t,ore,10\nmetal,t,metal,100\nslag,t,waste,0\n"),
    ("processes.csv", "process,product,amount\ndig,ore,1\nsmelt,ore,-1\nsmelt,metal,1\nsmelt,slag,0.5\n"),
    (
        "sites.csv",
        "id,process,region,capacity,owner\nmine-a,dig,A,90,Miner\nmine-b,dig,B,30,Miner\n\
         smelt-a,smelt,A,60,Firm\nsmelt-b,smelt,B,36,not public\nsmelt-c,smelt,C,24,several\n",
    ),
    ("lanes.csv", "product,from,to\nore,A,B\nore,A,C\nmetal,A,C\nmetal,B,C\n"),
    ("uses.csv", "demand,product,amount\nneed,metal,1\n"),
];

fn chain(amount: f64) -> (Model, Chokepoints) {
    let demands = format!("id,region,amount,value\nneed,C,{amount},1000\n");
    let (model, scenario) = input(&[CHAIN, &[("demands.csv", &demands)]].concat(), "");
    let found = find(&model, &scenario);
    (model, found)
}

fn of(found: &Chokepoints, of: Of) -> &Concentration {
    found.concentration.iter().find(|c| c.of == of).expect("it is made")
}

#[test]
fn shares_by_country_and_owner() {
    let (_, found) = chain(120.0);
    // Three months of a year: a quarter of everything.
    assert_eq!(found.window, 0..3);
    for metal in [of(&found, Of::Product(1)), of(&found, Of::Stage(1))] {
        let shares: Vec<(usize, f64)> = metal.countries.iter().map(|(r, s)| (*r, (s * 1e9).round() / 1e9)).collect();
        assert_eq!(shares, [(0, 0.5), (1, 0.3), (2, 0.2)]);
        assert!(agree(metal.hhi, 0.38));
        assert_eq!(metal.owners.iter().map(|(o, _)| o.as_str()).collect::<Vec<_>>(), ["Firm"]);
        assert!(agree(metal.unknown_owner, 0.5));
        // 0.5^2, and 0.3^2 + 0.2^2 or (0.3 + 0.2)^2.
        assert!(agree(metal.hhi_by_owner.0, 0.38) && agree(metal.hhi_by_owner.1, 0.5));
    }
    assert!(agree(of(&found, Of::Product(1)).output, 30.0) && agree(of(&found, Of::Stage(1)).output, 3000.0));
    let ore = of(&found, Of::Product(0));
    assert!(agree(ore.hhi, 0.625));
    assert!(agree(ore.hhi_by_owner.0, 1.0) && agree(ore.hhi_by_owner.1, 1.0) && ore.unknown_owner == 0.0);
}

#[test]
fn without_the_largest_country() {
    let (_, found) = chain(120.0);
    let figures = |c: &Concentration| (c.n1.unwrap(), c.n1_carried.unwrap());
    // 60 of 120 t of metal are made outside A, and 30 of 120 t of ore.
    for metal in [Of::Product(1), Of::Stage(1)] {
        let (n1, carried) = figures(of(&found, metal));
        assert!(agree(n1, 0.5) && agree(carried, 0.25), "{metal:?}: {n1}, {carried}");
    }
    let (n1, carried) = figures(of(&found, Of::Product(0)));
    assert!(agree(n1, 0.25) && agree(carried, 0.25));
    // Nothing uses the slag: no number, and not 0.
    let slag = of(&found, Of::Product(2));
    assert!(slag.output > 0.0 && slag.used == 0.0 && slag.n1.is_none() && slag.n1_carried.is_none());
    // What is unmet is needed: 60 of 240.
    let (_, found) = chain(240.0);
    let metal = of(&found, Of::Product(1));
    assert!(agree(metal.used, 60.0) && agree(metal.n1.unwrap(), 0.25), "{metal:?}");
}

fn recipe(all: f64, elsewhere: f64, inputs: &[usize]) -> Recipe {
    Recipe { all, elsewhere, inputs: inputs.to_vec() }
}

#[test]
fn carried_down_the_chain() {
    let holds = |recipes: &[Option<Vec<Recipe>>], wanted: &[Option<f64>]| {
        let found = carried(recipes);
        let same = |(a, b): (&Option<f64>, &Option<f64>)| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-9,
            (a, b) => a == b,
        };
        assert!(found.iter().zip(wanted).all(same), "{found:?} is not {wanted:?}");
    };
    // The least of a product and its inputs; that of no use counts nowhere.
    let ore = Some(vec![recipe(1.0, 0.25, &[])]);
    holds(&[ore.clone(), Some(vec![recipe(1.0, 0.5, &[0])]), None], &[Some(0.25), Some(0.25), None]);
    holds(&[ore.clone(), Some(vec![recipe(1.0, 0.1, &[0])])], &[Some(0.25), Some(0.1)]);
    // More metal than is used: the ore there is still gives 1.5 x 0.25.
    holds(&[ore.clone(), Some(vec![recipe(1.5, 0.5, &[0])])], &[Some(0.25), Some(0.375)]);
    // Nine tenths from ore of which a fifth is left, a tenth from nothing: 0.18 + 0.1.
    let two = Some(vec![recipe(0.9, 0.4, &[0]), recipe(0.1, 0.1, &[])]);
    holds(&[Some(vec![recipe(1.0, 0.2, &[])]), two], &[Some(0.2), Some(0.28)]);
    // A loop of scrap. 0: ore, half left. 1: oxide, 80% from ore and 20% from scrap. 2: magnets. 3: scrap of them.
    // x = 0.8 x 0.5 + 0.2 x, so x = 0.5.
    let oxide = Some(vec![recipe(0.8, 0.8, &[0]), recipe(0.2, 0.2, &[3])]);
    let one = |input| Some(vec![recipe(1.0, 1.0, &[input])]);
    holds(&[Some(vec![recipe(1.0, 0.5, &[])]), oxide, one(1), one(2)], &[Some(0.5); 4]);
    // A loop that nothing from outside limits: the least of its own.
    holds(&[Some(vec![recipe(1.0, 0.7, &[1])]), Some(vec![recipe(1.0, 0.6, &[0])])], &[Some(0.6), Some(0.6)]);
}

/// A network: goods are made in the first region and needed in the last, on lanes of these capacities.
fn network(nodes: usize, edges: &[(usize, usize, u32)]) -> (Model, Scenario) {
    let regions: String = (0..nodes).map(|n| format!("N{n}\n")).collect();
    let lanes: String = edges.iter().map(|(a, b, most)| format!("good,N{a},N{b},{most}\n")).collect();
    let tables = [
        ("regions.csv", format!("id\n{regions}")),
        ("products.csv", "id,unit,stage,price\ngood,t,good,10\n".to_string()),
        ("processes.csv", "process,product,amount\nmake,good,1\n".to_string()),
        ("sites.csv", "id,process,region,capacity\nworks,make,N0,100000\n".to_string()),
        ("lanes.csv", format!("product,from,to,capacity\n{lanes}")),
        ("demands.csv", format!("id,region,amount,value\nneed,N{},10,1000\n", nodes - 1)),
        ("uses.csv", "demand,product,amount\nneed,good,1\n".to_string()),
    ];
    let tables: Vec<(&str, &str)> = tables.iter().map(|(name, text)| (*name, text.as_str())).collect();
    input(&tables, "")
}

/// Cormen, Leiserson, Rivest and Stein, Introduction to Algorithms, figure 26.1 (second edition; s, v1 to v4, t).
#[test]
fn the_textbook_network_carries_23() {
    let edges =
        [(0, 1, 16), (0, 2, 13), (1, 3, 12), (2, 1, 4), (3, 2, 9), (2, 4, 14), (4, 3, 7), (3, 5, 20), (4, 5, 4)];
    let (model, scenario) = network(6, &edges);
    let cut = cut(&model, &scenario, 0);
    assert!(agree(cut.most.unwrap(), 23.0) && agree(cut.coverage().unwrap(), 2.3));
    let wanted = [("N1>N3", 12.0), ("N4>N3", 7.0), ("N4>N5", 4.0)];
    let wanted = wanted.map(|(lane, units)| line(&format!("lane good:{lane} capacity"), units, 1.0));
    assert_eq!(shown(&model, &scenario, &cut), wanted);
}

#[test]
fn networks_carry_their_classical_maximum_flow() {
    let mut dice = 88_172_645_463_325_252_u64;
    let mut below = |n: u64| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        (dice >> 16) % n
    };
    let mut served = 0;
    for _ in 0..40 {
        let nodes = 3 + below(5) as usize;
        let mut edges = Vec::new();
        for (a, b) in (0..nodes).flat_map(|a| (0..nodes).map(move |b| (a, b))) {
            if a != b && below(10) < 4 {
                edges.push((a, b, 1 + below(20) as u32));
            }
        }
        let mut graph: DiGraph<(), u32> = DiGraph::new();
        let ids: Vec<_> = (0..nodes).map(|_| graph.add_node(())).collect();
        edges.iter().for_each(|(a, b, most)| {
            graph.add_edge(ids[*a], ids[*b], *most);
        });
        let (most, _) = ford_fulkerson(&graph, ids[0], ids[nodes - 1]);
        let (model, scenario) = network(nodes, &edges);
        let cut = cut(&model, &scenario, 0);
        assert!(agree(cut.most.unwrap(), f64::from(most)), "{edges:?}: {cut:?}, not {most}");
        assert!(cut.parts.iter().all(|part| agree(part.adds, 1.0)), "{cut:?}");
        served += u32::from(most > 0);
    }
    assert!(served > 20, "only {served} networks carry anything");
}

/// One region, and these processes and sites.
fn works(products: &str, processes: &str, sites: &str, uses: &str) -> (Model, Scenario) {
    let all = [
        ("regions.csv", "id\nA\n".to_string()),
        ("products.csv", format!("id,unit,stage,price\n{products}")),
        ("processes.csv", format!("process,product,amount\n{processes}")),
        ("sites.csv", format!("id,process,region,capacity\n{sites}")),
        ("demands.csv", "id,region,amount,value\nneed,A,100,1000\n".to_string()),
        ("uses.csv", format!("demand,product,amount\n{uses}")),
    ];
    let tables: Vec<(&str, &str)> = all.iter().map(|(name, text)| (*name, text.as_str())).collect();
    input(&tables, "")
}

#[test]
fn of_several_inputs_each_limits_in_part() {
    // P from a and b, or from 2 a. 40 b take 40 of 120 a, and 80 a are left for 40 P: 80 P. One a more is half a P
    // more, and so is one b: it spares an a.
    let (model, scenario) = works(
        "a,t,raw,1\nb,t,raw,1\nP,t,part,5\n",
        "dig-a,a,1\ndig-b,b,1\njoin,a,-1\njoin,b,-1\njoin,P,1\nalone,a,-2\nalone,P,1\n",
        "pit-a,dig-a,A,120\npit-b,dig-b,A,40\nshop,join;alone,A,1000\n",
        "need,P,1\n",
    );
    let cut = cut(&model, &scenario, 0);
    assert!(agree(cut.most.unwrap(), 80.0));
    let wanted = [line("site pit-a capacity", 120.0, 0.5), line("site pit-b capacity", 40.0, 0.5)];
    assert_eq!(shown(&model, &scenario, &cut), wanted);
    assert!(agree(cut.parts[0].share, 0.75) && agree(cut.parts[1].share, 0.25));
}

#[test]
fn joint_products_come_together() {
    // A tonne of ore gives 0.2 of X and 0.7 of Y. A unit needs 1 X and 1 Y: X limits, and one ore more adds 0.2.
    let ore = "ore,t,ore,1\nX,t,oxide,5\nY,t,oxide,5\n";
    let both = "dig,ore,1\nsplit,ore,-1\nsplit,X,0.2\nsplit,Y,0.7\n";
    let (model, scenario) = works(ore, both, "pit,dig,A,50\nplant,split,A,80\n", "need,X,1\nneed,Y,1\n");
    let cut = cut(&model, &scenario, 0);
    assert!(agree(cut.most.unwrap(), 10.0) && agree(cut.coverage().unwrap(), 0.1));
    assert_eq!(shown(&model, &scenario, &cut), [line("site pit capacity", 50.0, 0.2)]);
}

/// Metal is made in A and B, and needed in C. Lanes are ample in reference flow.
const TRADE: &[(&str, &str)] = &[
    ("regions.csv", "id\nA\nB\nC\nD\n"),
    ("products.csv", "id,unit,stage,price\nmetal,t,metal,100\n"),
    ("processes.csv", "process,product,amount\nsmelt,metal,1\n"),
    ("sites.csv", "id,process,region,capacity,cost,opens\nsmelt-a,smelt,A,60,20,\nsmelt-b,smelt,B,60,20,2025-03-01\n"),
    ("lanes.csv", "product,from,to,lead_days,cost,flow,growth\nmetal,A,C,90,2,60,\nmetal,B,C,0,2,12,24\n"),
    ("demands.csv", "id,region,amount,value\nneed,C,100,1000\n"),
    ("uses.csv", "demand,product,amount,option\nneed,metal,1,base\nneed,metal,0.5,lean\n"),
    ("options.csv", "demand,option,opens,max_share,cost\nneed,lean,2025-02-01,0.2,1\n"),
];

#[test]
fn a_cut_is_of_its_day() {
    let (model, scenario) = input(TRADE, "");
    // January: smelter A alone, whose goods take three months, which a steady flow does not see.
    let january = cut(&model, &scenario, 0);
    assert_eq!(shown(&model, &scenario, &january), [line("site smelt-a capacity", 60.0, 1.0)]);
    // February: 20 units may take half a tonne each: 20 of 10 t, and 50 t for 50 units.
    let february = cut(&model, &scenario, 1);
    assert!(agree(february.most.unwrap(), 70.0));
    let wanted = [line("site smelt-a capacity", 60.0, 1.0), line("option lean share", 20.0, 0.5)];
    assert_eq!(shown(&model, &scenario, &february), wanted);
    // March: B is open, and its lane has grown from 12 by 24 x 2/12.
    let march = cut(&model, &scenario, 2);
    assert!(agree(march.most.unwrap(), 86.0));
    let wanted = [
        line("site smelt-a capacity", 60.0, 1.0),
        line("lane metal:B>C growth", 16.0, 1.0),
        line("option lean share", 20.0, 0.5),
    ];
    assert_eq!(shown(&model, &scenario, &march), wanted);
}

#[test]
fn measures_stand_in_cuts() {
    let measure = |kind: &str| format!("[[measure]]\nid = \"m\"\nkind = \"{kind}\"\n");
    let control = measure("export-control") + "by = \"A\"\non = \"*\"\nallow_civil = 0.5\n";
    let (model, scenario) = input(TRADE, &control);
    assert_eq!(shown(&model, &scenario, &cut(&model, &scenario, 0)), [line("lane metal:A>C measure", 30.0, 1.0)]);
    let quota = measure("quota") + "by = \"*\"\non = \"*\"\nto = \"C\"\namount = 25\n";
    let (model, scenario) = input(TRADE, &quota);
    let march = shown(&model, &scenario, &cut(&model, &scenario, 2));
    assert_eq!(march, [line("quota m measure", 25.0, 1.0), line("option lean share", 20.0, 0.5)]);
    let outage = measure("outage") + "sites = \"smelt-a\"\nremaining = 0.25\n";
    let (model, scenario) = input(TRADE, &outage);
    assert_eq!(shown(&model, &scenario, &cut(&model, &scenario, 0)), [line("site smelt-a capacity", 15.0, 1.0)]);
}

#[test]
fn a_need_that_is_cut_off_says_what_closes_it() {
    let ban = "[[measure]]\nid = \"ban\"\nkind = \"export-control\"\nby = \"A\"\non = \"metal\"\n";
    let (model, scenario) = input(TRADE, ban);
    let off = cut(&model, &scenario, 0);
    assert!(off.is_cut_off() && off.parts.is_empty());
    assert_eq!((off.most, off.closed_by, off.opens), (Some(0.0), vec![0], Some(2)));
    let found = find(&model, &scenario);
    assert!(found.cuts[0].is_cut_off());
    // Two bans, of which neither alone closes the way.
    let two = ban.to_string() + &ban.replace("\"ban\"", "\"again\"");
    let (model, scenario) = input(TRADE, &two);
    assert_eq!(cut(&model, &scenario, 0).closed_by, Vec::<usize>::new());
}

#[test]
fn a_need_of_nothing_has_no_cut() {
    let mut tables = TRADE.to_vec();
    tables.iter_mut().find(|(name, _)| *name == "demands.csv").unwrap().1 =
        "id,region,amount,value,opens\nneed,C,100,1000,2025-02-01\n";
    let (model, scenario) = input(&tables, "");
    let networks = Networks::new(&model, &scenario);
    assert!(networks.cut(0, 0).unwrap().is_none() && networks.cut(0, 1).unwrap().is_some());
    assert!(find(&model, &scenario).cuts.is_empty());
}

fn entry<'a>(model: &Model, found: &'a Chokepoints, node: &str) -> &'a Entry {
    let mut all = [&found.stages, &found.sites, &found.lanes].into_iter().flatten();
    all.find(|e| e.node.id(model, &found.chain) == node).unwrap_or_else(|| panic!("no {node}"))
}

#[test]
fn nodes_join_what_is_known_of_them() {
    // 10 t a month are needed. A can make 5 and B 3, for 1; lanes cost 2, and that from A carries 4.
    let tables = [
        ("regions.csv", "id\nA\nB\nC\n"),
        ("products.csv", "id,unit,stage,price\nmetal,t,metal,100\n"),
        ("processes.csv", "process,product,amount\nsmelt,metal,1\n"),
        ("sites.csv", "id,process,region,capacity,cost\nsmelt-a,smelt,A,60,1\nsmelt-b,smelt,B,36,1\n"),
        ("lanes.csv", "product,from,to,cost,capacity\nmetal,A,C,2,48\nmetal,B,C,2,\n"),
        ("demands.csv", "id,region,amount,value\nneed,C,120,1000\n"),
        ("uses.csv", "demand,product,amount\nneed,metal,1\n"),
    ];
    let (model, scenario) = input(&tables, "");
    let found = find(&model, &scenario);
    // The last two of three months are not read: 1% of 3 t, each worth 997.
    let b = entry(&model, &found, "B:metal");
    assert!(agree(b.saving.one_percent, 29.91) && agree(b.saving.one_more, 997.0), "{b:?}");
    assert!(agree(b.share.unwrap(), 3.0 / 7.0) && b.cuts == 1 && agree(b.largest_cut, 36.0 / 84.0), "{b:?}");
    assert!(agree(b.hhi.unwrap(), 25.0 / 49.0) && agree(b.n1_carried.unwrap(), 0.3), "{b:?}");
    let lane = entry(&model, &found, "metal:A>C");
    assert!(agree(lane.saving.one_percent, 39.88) && agree(lane.saving.one_more, 997.0), "{lane:?}");
    assert!(agree(lane.share.unwrap(), 0.4) && lane.cuts == 1 && agree(lane.largest_cut, 48.0 / 84.0), "{lane:?}");
    let a = entry(&model, &found, "A:metal");
    assert!(a.saving.one_percent == 0.0 && a.cuts == 0 && agree(a.share.unwrap(), 4.0 / 7.0), "{a:?}");
    let site = entry(&model, &found, "smelt-b");
    assert!(agree(site.saving.one_percent, 29.91) && agree(site.share.unwrap(), 3.0 / 7.0), "{site:?}");
    assert_eq!((found.stages[0].node, found.sites.len()), (b.node, 1));
}

#[test]
fn no_way_around_a_control_is_named() {
    // The way from A to C is closed; through D, which makes none, 12 t can go, and that limits the need.
    let mut tables = TRADE.to_vec();
    let lanes = "product,from,to,cost,flow,capacity\nmetal,A,C,2,60,\nmetal,A,D,2,60,\nmetal,D,C,2,12,12\n";
    tables.iter_mut().find(|(name, _)| *name == "lanes.csv").unwrap().1 = lanes;
    let ban = "[[measure]]\nid = \"ban\"\nkind = \"export-control\"\nby = \"A\"\non = \"metal\"\nto = \"C\"\n";
    let (model, scenario) = input(&tables, ban);
    let january = cut(&model, &scenario, 0);
    let all = [line("lane metal:(re-exports) capacity", 12.0, 1.0)];
    assert_eq!(shown(&model, &scenario, &january), all);
    let found = find(&model, &scenario);
    assert!(entry(&model, &found, "metal:(re-exports)").saving.one_percent > 0.0);
    let run = outcome(&model, &scenario, Foresight::Perfect, true);
    for table in tables_but_prices(&model, &scenario, &run, &found) {
        assert!(!table.contains("D>C") && !table.contains(",D,C"), "{table}");
    }
}

fn tables_but_prices(
    model: &Model,
    scenario: &Scenario,
    run: &coercivity_engine::Outcome,
    found: &Chokepoints,
) -> Vec<String> {
    let tables = tables(model, scenario, run, found);
    tables.iter().filter(|t| t.name != "prices").map(|t| String::from_utf8(t.csv().unwrap()).unwrap()).collect()
}

#[test]
fn what_nothing_limits_has_no_number() {
    // A unit needs no metal at all.
    let mut tables = TRADE.to_vec();
    tables.iter_mut().find(|(name, _)| *name == "uses.csv").unwrap().1 = "demand,product,amount\nneed,metal,0\n";
    tables.retain(|(name, _)| *name != "options.csv");
    let (model, scenario) = input(&tables, "");
    let cut = cut(&model, &scenario, 0);
    assert!(cut.most.is_none() && cut.coverage().is_none() && cut.parts.is_empty() && !cut.is_cut_off(), "{cut:?}");
}

#[test]
fn shares_add_up_in_every_case() {
    let mut seen = 0;
    for path in files_below(&root().join("tests/cases"), "md") {
        let case = Case::read(&path);
        let Some(expectation) = case.expectations.iter().find(|e| !e.contains_key("diagnostics")) else { continue };
        let Ok((model, scenario)) = case.input(case.scenario_name(expectation).as_deref()) else { continue };
        let found = find(&model, &scenario);
        for c in &found.concentration {
            let is_one = |sum: f64| (sum - 1.0).abs() < 1e-9;
            assert!(is_one(c.countries.iter().map(|(_, share)| share).sum()), "{}: {c:?}", path.display());
            let owners: f64 = c.owners.iter().map(|(_, share)| share).sum();
            assert!(is_one(owners + c.unknown_owner), "{}: {c:?}", path.display());
            let least = 1.0 / c.countries.len() as f64;
            assert!(c.hhi > least - 1e-9 && c.hhi < 1.0 + 1e-9, "{}: {c:?}", path.display());
            assert!(c.hhi_by_owner.0 <= c.hhi_by_owner.1 + 1e-9, "{}: {c:?}", path.display());
            assert_eq!(c.n1.is_some(), c.used > 0.0, "{}: {c:?}", path.display());
            let carried = c.n1_carried.is_none_or(|carried| carried >= 0.0 && carried <= c.n1.unwrap() + 1e-9);
            assert!(carried, "{}: {c:?}", path.display());
            seen += 1;
        }
        for e in [&found.stages, &found.sites, &found.lanes].into_iter().flatten() {
            assert!(e.saving.one_percent >= 0.0 && e.largest_cut <= 1.0 + 1e-6 && e.cuts <= found.cuts.len(), "{e:?}");
        }
    }
    assert!(seen > 300, "only {seen} concentrations were seen");
}

#[test]
fn cuts_add_up_in_every_case() {
    let (mut limited, mut others) = (0, 0);
    for path in files_below(&root().join("tests/cases"), "md") {
        let case = Case::read(&path);
        for expectation in case.expectations.iter().filter(|e| !e.contains_key("diagnostics")) {
            let Ok((model, scenario)) = case.input(case.scenario_name(expectation).as_deref()) else { continue };
            let networks = Networks::new(&model, &scenario);
            for (demand, step) in (0..model.demands.len()).flat_map(|d| [(d, 0), (d, model.steps() / 2)]) {
                let cut = networks.cut(demand, step).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                let Some(cut) = cut else { continue };
                adds_up(&cut);
                match cut.most.is_some() && !cut.is_cut_off() {
                    true => limited += 1,
                    false => others += 1,
                }
            }
        }
    }
    assert!(limited > 200 && others > 10, "{limited} limited, {others} others");
}
