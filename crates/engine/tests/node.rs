//! What a node's name stands for.

mod common;

use coercivity_engine::node::Node;
use coercivity_model::Model;
use common::Case;

const TABLES: &[(&str, &str)] = &[
    ("model.toml", "format = 1\nstart = 2025-01-01\nstep = \"month\"\nsteps = 2\n"),
    ("regions.csv", "id,groups\nA,EU\nB,EU\nC,\n"),
    (
        "products.csv",
        "id,unit,stage,price,groups\nore,t,ore,10,\nox,t,oxide,100,light\ndy,t,oxide,300,heavy\nmag,t,magnet,1000,\n\
         swarf,t,scrap,1,\n",
    ),
    (
        "processes.csv",
        "process,product,amount\ndig,ore,1\nsep,ore,-1\nsep,ox,0.9\nsep,dy,0.1\nlight,ore,-1\nlight,ox,0.9\nmake,ox,-1\n\
         make,mag,1\nmake,swarf,0.2\nrec,swarf,-1\nrec,ox,1\n",
    ),
    (
        "sites.csv",
        "id,process,region,capacity,owner\nmine,dig,A,10,Digger + Sons\nplant,sep;light,B,10,Maker\nshop,make,B,10,Maker\n\
         other,light,C,10,\nreuse,rec,C,10,\n",
    ),
    ("lanes.csv", "product,from,to\nore,A,B\nore,A,C\nox,C,B\nmag,B,A\nmag,B,C\n"),
    ("demands.csv", "id,region,amount,value\nneed,A,1,1\n"),
    ("uses.csv", "demand,product,amount\nneed,mag,1\n"),
];

fn model() -> Model {
    let mut case = Case { path: "node".into(), files: Default::default(), expectations: Vec::new() };
    TABLES.iter().for_each(|(name, text)| case.files.insert(&format!("m/{name}"), *text));
    case.input(None).unwrap_or_else(|report| panic!("{}", report.render(false, 100))).0
}

/// "site.process" of all that stops, and "product from>to" of all lanes.
fn lost(model: &Model, node: &Node) -> String {
    let activity = |(s, q): &(usize, usize)| format!("{}.{}", model.sites[*s].id, model.processes[*q].id);
    let lane = |l: &usize| {
        let lane = &model.lanes[*l];
        let region = |r: usize| &model.regions[r].id;
        format!("{} {}>{}", model.products[lane.product].id, region(lane.from), region(lane.to))
    };
    node.activities.iter().map(activity).chain(node.lanes.iter().map(lane)).collect::<Vec<_>>().join(", ")
}

#[test]
fn names_stand_for_sites_and_lanes() {
    let model = model();
    for (text, expected) in [
        ("plant", "plant.sep, plant.light"),
        // All that makes oxide, scrap that becomes oxide too.
        ("C:oxide", "other.light, reuse.rec"),
        // One product of a stage stops one process of a site.
        ("B:dy", "plant.sep"),
        ("B:heavy", "plant.sep"),
        ("EU:*", "mine.dig, plant.sep, plant.light, shop.make"),
        // Scrap is not what the shop is for.
        ("B:scrap", ""),
        ("B", "plant.sep, plant.light, shop.make, mag B>A, mag B>C"),
        ("mag:B>C", "mag B>C"),
        ("ore:EU>*", "ore A>B, ore A>C"),
        ("*:*>B", "ore A>B, ox C>B"),
        ("owner:Maker", "plant.sep, plant.light, shop.make"),
        ("owner:Digger + Sons", "mine.dig"),
        ("mine+C:oxide+mag:B>A", "mine.dig, other.light, reuse.rec, mag B>A"),
    ] {
        match Node::parse(&model, text) {
            Ok(node) => assert_eq!((node.id.as_str(), lost(&model, &node).as_str()), (text, expected)),
            Err(wrong) => assert_eq!((expected, wrong.len()), ("", 1), "{text}: {wrong:?}"),
        }
    }
}

#[test]
fn what_names_nothing_is_told_part_by_part() {
    let model = model();
    let wrong = Node::parse(&model, "plantt+C:oxid+C:magnet+mag:A>C+owner:Make").unwrap_err();
    let texts: Vec<String> = wrong.iter().map(|d| d.message.clone()).collect();
    assert_eq!(
        texts,
        [
            "there is no site or region `plantt`",
            "there is no stage or product `oxid` in `C:oxid`",
            "`C:magnet` names nothing: nothing of the kind is made there",
            "`mag:A>C` names nothing: no such lane",
            // The plus sign before an owner ends the part before.
            "there is no owner `Make` in `owner:Make`",
        ]
    );
    assert!(format!("{:?}", wrong[0]).contains("use `plant`"), "{:?}", wrong[0]);
}

#[test]
fn lists_name_every_node_so_that_it_is_read_as_itself() {
    let model = model();
    let ids = |list: &[Node]| list.iter().map(|node| node.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&Node::sites(&model)), ["mine", "plant", "shop", "other", "reuse"]);
    assert_eq!(ids(&Node::stages(&model)), ["A:ore", "B:oxide", "C:oxide", "B:magnet"]);
    assert_eq!(ids(&Node::lanes(&model)), ["ore:A>B", "ore:A>C", "ox:C>B", "mag:B>A", "mag:B>C"]);
    assert_eq!(ids(&Node::owners(&model)), ["owner:Digger + Sons", "owner:Maker"]);
    for node in [Node::sites(&model), Node::stages(&model), Node::lanes(&model), Node::owners(&model)].concat() {
        assert_eq!(Node::parse(&model, &node.id).unwrap(), node);
    }
}
