# Space and comments
RETURN/* a */1/* b */AS/**/x
RETURN 1 // a comment
RETURN 1 /* a // b */ AS x
RETURN 1 /* * / ** */ AS x
MATCH	(n)	RETURN	n
RETURN 1 AS x
RETURN 1 AS　x
RETURN 1 /* unterminated // still */ AS x // end
# Names
RETURN 1 AS `a b`, 2 AS `a``b`, 3 AS ```a```, 4 AS `1`, 5 AS `a\b`, 6 AS `/* */ //`
RETURN 1 AS é, 2 AS 名前, 3 AS ñandú, 4 AS Ω, 5 AS имя
RETURN 1 AS a_b, 2 AS _a, 3 AS A1, 4 AS a‿b
RETURN 1 AS ``
RETURN 1 AS `a\\u0041`
MATCH (`n`:`A`)-[`r`:`R`]->(`m`) WHERE `n`.`x` = `m`.`x` RETURN `n`.`x` AS `x`
WITH 1 AS as, 2 AS null_, 3 AS or_ RETURN as AS as, null_, or_
WITH 1 AS order, 2 AS by, 3 AS limit, 4 AS skip RETURN order, by, limit, skip
WITH 1 AS distinct RETURN distinct
WITH 1 AS exists, 2 AS collect, 3 AS reduce RETURN exists, collect, reduce
WITH 1 AS when, 2 AS then, 3 AS else RETURN when, then, else
# Arrows that look like others
MATCH (a)–[r]—＞(b) RETURN r
MATCH (a)⟨-[r]-(b) RETURN r
MATCH (a)﹣[r]﹣(b) RETURN r
MATCH (a)-[r]-⟩(b) RETURN r
# Dense
MATCH(a)-[r]->(b)WHERE a.x=1 AND b.y<>2 OR a.z>=3 RETURN a.x+b.y,a.x-1,-a.x
RETURN[1,2][0],{a:1}.a,'a'+'b',"c"
RETURN 1<2,1>2,1<=2,1>=2,1=2,1<>2
