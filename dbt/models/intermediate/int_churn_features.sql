{%- set by_month = "over (partition by customer_id order by month_start)" -%}
{%- set so_far = rows_from('unbounded preceding') -%}
{%- set last_2 = rows_from('1 preceding') -%}
{%- set last_3 = rows_from('2 preceding') -%}
{%- set prior_3 = rows_from('5 preceding', '3 preceding') -%}
{%- set last_6 = rows_from('5 preceding') -%}
{%- set prior_6 = rows_from('11 preceding', '6 preceding') -%}

with

reporting as (

    select * from {{ ref('int_reporting_date') }}

),

months as (

    select
        months.*,
        last_day(months.month_start) as cutoff_date
    from {{ ref('int_customer_monthly_spend') }} as months
    cross join reporting
    where months.month_start <= reporting.last_complete_month

),

-- What was known at the end of each whole month: every window looks back from there, none forward.
windows as (

    select
        customer_id,
        month_start,
        cutoff_date,
        total_spend as spend_1_month,
        lag(total_spend, 1) {{ by_month }} as spend_1_month_ago,
        lag(total_spend, 2) {{ by_month }} as spend_2_months_ago,
        lag(total_spend, 3) {{ by_month }} as spend_3_months_ago,
        lag(total_spend, 4) {{ by_month }} as spend_4_months_ago,
        lag(total_spend, 5) {{ by_month }} as spend_5_months_ago,
        sum(total_spend) {{ last_3 }} as spend_3_months,
        sum(total_spend) {{ prior_3 }} as spend_prior_3_months,
        sum(total_spend) {{ last_6 }} as spend_6_months,
        sum(total_spend) {{ prior_6 }} as spend_prior_6_months,
        sum(total_spend::float * total_spend::float) {{ last_6 }} as squares_6_months,
        count(*) {{ last_6 }} as months_of_6,
        sum(total_spend) {{ so_far }} as lifetime_spend,
        sum(transaction_count) {{ so_far }} as lifetime_count,
        max(largest_transaction) {{ so_far }} as largest_transaction,
        max(last_transaction_at) {{ so_far }} as last_transaction_at,
        transaction_count as count_1_month,
        sum(transaction_count) {{ last_2 }} as count_2_months,
        sum(transaction_count) {{ last_3 }} as count_3_months,
        sum(transaction_count) {{ prior_3 }} as count_prior_3_months,
        sum(declined_count) {{ last_3 }} as declined_3_months,
        sum(online_count) {{ last_3 }} as online_3_months,
        sum(mobile_count) {{ last_3 }} as mobile_3_months,
        sum(travel_spend) {{ last_3 }} as travel_3_months,
        sum(travel_dining_spend) {{ last_3 }} as travel_dining_3_months,
        sum(necessities_spend) {{ last_3 }} as necessities_3_months,
        sum(top_category_spend) {{ last_3 }} as top_category_3_months,
        sum(iff(transaction_count = 0, 1, 0)) {{ last_6 }} as silent_months_of_6
    from months

),

-- How everybody's spend moved: what is left of a customer's own trend without the season.
portfolio as (

    select
        month_start,
        sum(spend_3_months) / nullif(sum(spend_prior_3_months), 0) as portfolio_change_3_months
    from windows
    group by month_start

),

versions as (

    select
        *,
        iff(version_number = 1, '1900-01-01'::date, valid_from) as known_from,
        coalesce(valid_to, '9999-12-31'::date) as known_to
    from {{ ref('dim_customer') }}

),

final as (

    select
        windows.customer_id,
        windows.cutoff_date,
        versions.age,
        versions.state,
        versions.employment_status,
        versions.card_type,
        versions.credit_limit,
        datediff(month, versions.account_open_date, windows.cutoff_date) as tenure_months,
        (windows.spend_1_month / nullif(versions.credit_limit, 0))::float as credit_utilization,
        windows.lifetime_spend,
        windows.lifetime_count,
        windows.largest_transaction,
        (windows.lifetime_spend / nullif(windows.lifetime_count, 0))::float as avg_ticket,
        (windows.spend_3_months / nullif(windows.count_3_months, 0))::float as avg_ticket_3_months,
        windows.spend_1_month,
        windows.spend_3_months,
        coalesce(windows.spend_prior_3_months, 0) as spend_prior_3_months,
        windows.spend_6_months,
        (windows.spend_1_month * 3 / nullif(windows.spend_3_months, 0))::float as momentum_1_month,
        (windows.spend_3_months / nullif(windows.spend_prior_3_months, 0))::float as momentum_3_months,
        (windows.spend_6_months / nullif(windows.spend_prior_6_months, 0))::float as momentum_6_months,
        (
            windows.spend_3_months / nullif(windows.spend_prior_3_months, 0)
            / nullif(portfolio.portfolio_change_3_months, 0)
        )::float as seasonally_adjusted_momentum,
        -- Slope of the last six months by least squares, in shares of their mean; unknown before there are six.
        (
            (
                2.5 * windows.spend_1_month + 1.5 * windows.spend_1_month_ago + 0.5 * windows.spend_2_months_ago
                - 0.5 * windows.spend_3_months_ago - 1.5 * windows.spend_4_months_ago
                - 2.5 * windows.spend_5_months_ago
            )
            / 17.5 / nullif(windows.spend_6_months / 6, 0)
        )::float as trend_6_months,
        sqrt(
            greatest(
                windows.squares_6_months
                - windows.spend_6_months::float * windows.spend_6_months::float / windows.months_of_6, 0
            )
            / nullif(windows.months_of_6 - 1, 0)
        )
        / nullif(windows.spend_6_months::float / windows.months_of_6, 0) as volatility_6_months,
        (windows.travel_3_months / nullif(windows.spend_3_months, 0))::float as travel_share,
        (windows.travel_dining_3_months / nullif(windows.spend_3_months, 0))::float as travel_dining_share,
        (windows.necessities_3_months / nullif(windows.spend_3_months, 0))::float as necessities_share,
        (windows.top_category_3_months / nullif(windows.spend_3_months, 0))::float as top_category_share,
        datediff(day, windows.last_transaction_at, windows.cutoff_date) as days_since_last_transaction,
        windows.count_1_month,
        windows.count_2_months,
        windows.count_3_months,
        (windows.count_3_months / nullif(windows.count_prior_3_months, 0))::float as count_momentum_3_months,
        (91 / nullif(windows.count_3_months, 0))::float as mean_gap_days,
        windows.silent_months_of_6,
        windows.declined_3_months,
        (windows.declined_3_months / nullif(windows.declined_3_months + windows.count_3_months, 0))::float
            as decline_rate,
        (windows.online_3_months / nullif(windows.count_3_months, 0))::float as online_share,
        (windows.mobile_3_months / nullif(windows.count_3_months, 0))::float as mobile_share,
        {{ customer_segment(
            'windows.spend_3_months', 'coalesce(windows.spend_prior_3_months, 0)', 'windows.travel_3_months',
            'windows.necessities_3_months',
            'versions.account_open_date > dateadd(month, -6, windows.cutoff_date)'
        ) }} as behaviour_segment
    from windows
    inner join portfolio on windows.month_start = portfolio.month_start
    inner join versions
        on
            windows.customer_id = versions.customer_id
            and windows.cutoff_date >= versions.known_from
            and windows.cutoff_date < versions.known_to

)

select * from final
