"""SQLAlchemy's ORM, as an application that knows nothing of tenants would use it."""

from decimal import Decimal

import pytest
from shop import ACME
from sqlalchemy import ForeignKey, create_engine, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
    subqueryload,
)


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    plan_code: Mapped[str | None] = mapped_column(ForeignKey("plans.code"))
    orders: Mapped[list["Order"]] = relationship(
        back_populates="customer", cascade="all, delete-orphan"
    )
    plan: Mapped["Plan | None"] = relationship()


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    status: Mapped[str] = mapped_column(default="open")
    note: Mapped[str | None]
    total: Mapped[Decimal] = mapped_column(default=0)
    customer: Mapped[Customer] = relationship(back_populates="orders")
    items: Mapped[list["Item"]] = relationship(back_populates="order", cascade="all, delete-orphan")


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    sku: Mapped[str]
    quantity: Mapped[int] = mapped_column(default=1)
    price: Mapped[Decimal] = mapped_column(default=0)
    order: Mapped[Order] = relationship(back_populates="items")


class Plan(Base):
    __tablename__ = "plans"
    code: Mapped[str] = mapped_column(primary_key=True)
    price: Mapped[Decimal]


@pytest.fixture(params=["as it comes", "unprepared"])
def engine(shop, request):
    """An engine as it comes, and one that prepares nothing."""
    arguments = {} if request.param == "as it comes" else {"prepare_threshold": None}
    url = shop.url().replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url, connect_args=arguments)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine):
    with Session(engine) as session:
        yield session


def test_load_and_walk_relationships(session):
    ada = session.get(Customer, 1)
    assert ada.name == f"Ada {ACME.word}" and ada.plan.price == Decimal("49.90")
    assert [order.id for order in sorted(ada.orders, key=lambda o: o.id)] == [1, 2]
    assert {item.sku for order in ada.orders for item in order.items} == {
        f"lamp-{ACME.word}",
        f"bulb-{ACME.word}",
    }
    assert session.get(Customer, 99) is None


@pytest.mark.parametrize("load", [joinedload, selectinload, subqueryload])
def test_eager_loads(session, load):
    statement = (
        select(Customer)
        .options(load(Customer.orders).options(load(Order.items)))
        .order_by(Customer.id)
    )
    customers = session.scalars(statement).unique().all()
    assert [
        [len(order.items) for order in sorted(c.orders, key=lambda o: o.id)] for c in customers
    ] == [[2, 1], [1], []]


def test_create_a_graph_and_flush(session, shop):
    dan = Customer(
        email="dan@x",
        name="Dan",
        orders=[
            Order(note="one", items=[Item(sku="a"), Item(sku="b", quantity=2)]),
            Order(note="two"),
        ],
    )
    session.add(dan)
    session.flush()
    assert dan.id and all(order.id for order in dan.orders)
    session.commit()
    assert (
        session.scalar(
            select(func.count()).select_from(Item).join(Order).where(Order.customer_id == dan.id)
        )
        == 2
    )
    assert shop.held.rows(ACME, "note", "orders", "id")[-2:] == [("one",), ("two",)]


def test_many_rows_at_once(session, shop):
    session.add_all([Customer(email=f"bulk{n}@x", name=str(n)) for n in range(250)])
    session.commit()
    names = session.scalars(select(Customer.name).where(Customer.email.like("bulk%"))).all()
    assert len(names) == 250 and len(shop.held.rows(ACME, "id", "customers")) == 253


def test_change_move_and_delete(session, shop):
    ada, bob = session.get(Customer, 1), session.get(Customer, 2)
    ada.name = "Ada L."
    ada.orders[0].customer = bob
    session.delete(session.get(Item, 4))
    session.commit()
    session.delete(ada)
    session.commit()
    assert shop.held.rows(ACME, "id, name", "customers") == [
        (2, f"Bob {ACME.word}"),
        (3, f"Cleo {ACME.word}"),
    ]
    assert len(shop.held.rows(ACME, "id", "orders")) == 2


def test_roll_back_and_nested(session, shop):
    session.get(Customer, 1).name = "never"
    session.rollback()
    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(Customer(email=f"bob@{ACME.word}", name="twin"))
        session.flush()
    session.get(Customer, 3).name = "Cleo!"
    session.commit()
    assert shop.held.rows(ACME, "name", "customers", "id")[0::2] == [
        (f"Ada {ACME.word}",),
        ("Cleo!",),
    ]


def test_core_upsert_returning_and_bulk_update(session, shop):
    statement = insert(Customer).values(
        [{"email": f"ada@{ACME.word}", "name": "Ada II"}, {"email": "fay@x", "name": "Fay"}]
    )
    statement = statement.on_conflict_do_update(
        index_elements=["email"], set_={"name": statement.excluded.name}
    )
    returned = session.execute(statement.returning(Customer.id, Customer.name)).all()
    assert returned[0] == (1, "Ada II") and returned[1].name == "Fay"
    session.query(Order).filter(Order.total < 10).update({"status": "small"})
    session.query(Item).filter(
        Item.order_id.in_(select(Order.id).where(Order.status == "paid"))
    ).delete()
    session.commit()
    assert shop.held.rows(ACME, "status", "orders", "id") == [("paid",), ("open",), ("small",)]
    assert shop.held.rows(ACME, "id", "items") == [(3,), (4,)]


def test_reports(session):
    per_customer = (
        select(Customer.name, func.count(Order.id), func.coalesce(func.sum(Order.total), 0))
        .outerjoin(Order)
        .group_by(Customer.name)
        .order_by(Customer.name)
    )
    assert [(n, int(s)) for _, n, s in session.execute(per_customer)] == [(2, 42), (1, 7), (0, 0)]
    rank = func.rank().over(order_by=Order.total.desc())
    ranked = select(Order.id, rank.label("place")).cte("ranked")
    assert session.execute(select(ranked.c.id).where(ranked.c.place == 1)).scalar() == 1
    lamps = select(Order.id).where(Order.items.any(Item.sku.like("lamp%"))).order_by(Order.id)
    assert session.scalars(lamps).all() == [1, 2]
    assert (
        session.scalars(select(Order).where(Order.customer.has(name=f"Bob {ACME.word}"))).one().id
        == 3
    )


def test_row_locks_and_yield_per(session):
    assert (
        session.scalars(select(Order).where(Order.id == 1).with_for_update()).one().status == "paid"
    )
    assert session.scalars(select(Order).with_for_update(skip_locked=True)).all()
    session.commit()
    assert len(session.scalars(select(Item)).all()) == 4


def test_table_names_by_reflection(engine):
    from sqlalchemy import inspect

    names = set(inspect(engine).get_table_names())
    assert {"customers", "orders", "items", "plans"} <= names
    assert {column["name"] for column in inspect(engine).get_columns("orders")} >= {
        "id",
        "note",
        "total",
    }


@pytest.mark.wall
def test_refusals_are_ordinary_errors(session, shop):
    with pytest.raises(ProgrammingError, match="partywall: "):
        session.execute(text("SELECT * FROM settings"))
    session.rollback()
    with pytest.raises(ProgrammingError, match="partywall: "):
        Base.metadata.tables["orders"].drop(session.connection(), checkfirst=False)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Order)) == 3
    assert shop.held("SELECT to_regclass('orders')::text") == [("orders",)]
